#include "engine/message/message.h"
#include "tests/unit/message/decode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace hongyan::message {
namespace {

using testing::decode_body;
using testing::decode_words;
using testing::fault_of_lines;
using testing::Mail;
using testing::read_mail;
using Variables = std::vector<std::pair<std::string_view, std::string_view>>;

const WallTime kDate{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};

Spec plain(std::string text) {
  Spec spec;
  spec.from_address = "news@acme.example";
  spec.subject = "Hello";
  spec.text = std::move(text);
  spec.message_id_domain = "acme.example";
  spec.job_id = "spring-1";
  return spec;
}

std::string joined(const Rendered& rendered) {
  std::string wire;
  for (const std::string_view piece : rendered.pieces()) wire += piece;
  EXPECT_EQ(wire.size(), rendered.size());
  return wire;
}

std::string render(const Spec& spec, const Variables& variables,
                   std::string_view to = "li@example.cn") {
  const auto compiled = compile(spec);
  if (!compiled) return "fault: " + compiled.error()[0].sentence();
  Rendered out;
  const auto done = (*compiled)->render({to, variables, "1.abc", kDate}, out);
  if (!done) return std::string(done.error().code) + ": " + done.error().detail;
  return joined(out);
}

std::string crlf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text.substr(i).starts_with("\r\n");
    if (text[i] == '\r' || text[i] == '\n') {
      out += "\r\n";
    } else {
      out += text[i];
    }
    if (pair) ++i;
  }
  return out;
}

std::string random_text(std::mt19937& random, std::size_t length, bool chinese) {
  static const std::vector<std::string> kLatin{"a",    "Z", "=",     ".",         " ", "\n",
                                               "\r\n", "?", "_",     "<",         "&", "\t",
                                               "é",    "x", "From ", "longerword"};
  static const std::vector<std::string> kChinese{"你", "好", "鸿", "雁", "😀",
                                                 " ",  "\n", "a",  "。"};
  const auto& set = chinese ? kChinese : kLatin;
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out += set[random() % set.size()];
  return out;
}

std::vector<std::string> header_lines(std::string_view wire) {
  std::vector<std::string> lines;
  for (std::size_t end = wire.find("\r\n"); end > 0; end = wire.find("\r\n")) {
    lines.emplace_back(wire.substr(0, end));
    wire.remove_prefix(end + 2);
  }
  return lines;
}

TEST(Render, BodiesDecodeToWhatWasWrittenForRandomTemplatesAndValues) {
  std::mt19937 random(20260105);
  Rendered out;
  int base64 = 0;
  for (int round = 0; round < 4000; ++round) {
    const bool chinese = round % 2 == 0;
    std::string text;
    std::string expected;
    std::vector<std::string> names;
    std::vector<std::string> values;
    const std::size_t uses = random() % 6;
    for (std::size_t i = 0; i < uses; ++i) {
      names.push_back("v" + std::to_string(i));
      values.push_back(random_text(random, random() % 11, random() % 2 == 0));
    }
    for (std::size_t i = 0; i <= uses; ++i) {
      const std::string literal = random_text(random, random() % (round % 5 ? 60 : 400), chinese);
      text += literal;
      expected += crlf(literal);
      if (i == uses) break;
      text += "{{ " + names[i] + " }}";
      expected += crlf(values[i]);
    }
    if (text.empty()) continue;
    if (!text.ends_with('\n')) expected += "\r\n";
    Variables variables;
    for (std::size_t i = 0; i < uses; ++i) variables.emplace_back(names[i], values[i]);
    const auto compiled = compile(plain(text));
    ASSERT_TRUE(compiled) << compiled.error()[0].sentence();
    ASSERT_TRUE((*compiled)->render({"li@example.cn", variables, "1.abc", kDate}, out));
    const std::string wire = joined(out);
    ASSERT_EQ(fault_of_lines(wire), "") << "round " << round;
    const Mail mail = read_mail(wire);
    base64 += mail.header("Content-Transfer-Encoding") == "base64";
    ASSERT_EQ(decode_body(mail), expected) << "round " << round << "\n" << wire;
    std::size_t value_bytes = 0;
    for (const std::string& value : values) value_bytes += value.size() * 5;
    ASSERT_LE(wire.size(), (*compiled)->max_static_size() + value_bytes);
  }
  EXPECT_GT(base64, 1000);
}

TEST(Render, SubjectsDecodeToWhatWasWrittenForRandomValues) {
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    Spec spec = plain("x");
    spec.subject = round % 3 ? "Dear {{ v }}, =?read?= this" : "尊敬的{{ v }}：您好 dear friend";
    const std::string value = random_text(random, random() % 120, random() % 2 == 0);
    const std::string wire = render(spec, {{"v", value}});
    ASSERT_EQ(fault_of_lines(wire), "") << "round " << round;
    std::string expected;
    std::string whole = spec.subject;
    whole.replace(whole.find("{{ v }}"), 7, value);
    for (const char c : whole) {
      const bool blank = static_cast<unsigned char>(c) <= ' ';
      if (blank && !expected.ends_with(' ')) expected += ' ';
      if (!blank) expected += c;
    }
    ASSERT_EQ(decode_words(read_mail(wire).header("Subject")), expected) << wire;
    // Above 78 only what cannot be folded: one word.
    for (const std::string& line : header_lines(wire))
      ASSERT_TRUE(line.size() <= 78 || std::ranges::count(line, ' ') <= 1) << line;
  }
}

TEST(Render, NoValueMakesAHeader) {
  for (const char* value :
       {"x\r\nBcc: evil@example.org", "x\nBcc: e@x", "x\rBcc: e@x", "x\r\n\r\n<b>",
        "x\r\n.\r\nMAIL FROM:<e@x>", "\r\n", "x\xC2\x85y", "x\vBcc: e@x", "x\r\n Bcc: e@x"}) {
    Spec spec = plain("{{ v }}");
    spec.subject = "Hi {{ v }}";
    spec.headers = {{"X-Note", "{{ v }}"}, {"X-Fixed", "1"}};
    spec.list_unsubscribe = "<https://u.example/{{ v }}>";
    const std::string wire = render(spec, {{"v", value}});
    ASSERT_EQ(fault_of_lines(wire), "") << value;
    const Mail mail = read_mail(wire);
    EXPECT_EQ(mail.count("Bcc"), 0) << value;
    EXPECT_EQ(mail.header("X-Fixed"), "1");
    EXPECT_EQ(mail.header("List-Unsubscribe").find(' '), std::string::npos);
    EXPECT_EQ(mail.body.find("\r\n.\r\n"), std::string::npos);
    EXPECT_LE(mail.headers.size(), 11u);
  }
}

TEST(Render, AddressesThatAreMoreThanOneMailboxAreRefused) {
  for (const char* to : {"a@b\r\nBcc: c@d", "a@b,c@d", "a", "@b", "a@", "<a@b>", "a b@c", "a@b c",
                         "\"a@b", "x: a@b;", "a@b@c", ""})
    EXPECT_TRUE(render(plain("x"), {}, to).starts_with("bad-address")) << to;
  EXPECT_EQ(read_mail(render(plain("x"), {}, "\"a b\"@c.example")).header("To"),
            "\"a b\"@c.example");
}

TEST(Render, AnUnknownVariableWithoutDefaultRefusesTheRecipientByName) {
  Spec spec = plain("{{ known }} {{ city }}");
  EXPECT_TRUE(render(spec, {{"known", "1"}}).starts_with("unknown-variable"));
  EXPECT_NE(render(spec, {{"known", "1"}}).find("`city`"), std::string::npos);
}

TEST(Render, TheDefaultStandsInForUnknownAndEmpty) {
  const Spec spec =
      plain("{{ a | default: 'x' }}{{ b | default: \"友\" }}{{ c }}{{ d | default: '' }}");
  EXPECT_EQ(decode_body(read_mail(render(spec, {{"b", ""}, {"c", ""}}))), "x友\r\n");
}

TEST(Render, ValuesAreEscapedInHtmlOnly) {
  Spec spec = plain("{{ v }}");
  spec.html = "<b>{{ v }}</b>";
  const std::string wire = render(spec, {{"v", "<a href=\"x\">'&"}});
  const auto parts = split_parts(read_mail(wire));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(decode_body(parts[0]), "<a href=\"x\">'&\r\n");
  EXPECT_EQ(decode_body(parts[1]), "<b>&lt;a href=&quot;x&quot;&gt;&#39;&amp;</b>\r\n");
  EXPECT_TRUE(parts[1].header("Content-Type").starts_with("text/html"));
}

TEST(Render, TagsAndFiltersAreEvaluatedForEachRecipient) {
  Spec spec = plain(
      "{% if vip == 'yes' %}Welcome back, {{ name }}{% else %}Hi{% endif %}{{ name | upcase }}");
  spec.subject = "{% assign first = name | split: ' ' | first %}{{ first }} 你好 {{ name }}";
  spec.html = "{% for i in (1..3) %}<i>{{ i }}{{ name }}</i>{% endfor %}{{ name | raw }}";
  spec.headers = {{"X-Note", "{{ note | url_decode }}"}};
  const std::string wire =
      render(spec, {{"vip", "yes"}, {"name", "Li & Lei"}, {"note", "a%0D%0ABcc: x@y"}});
  ASSERT_EQ(fault_of_lines(wire), "") << wire;
  const Mail mail = read_mail(wire);
  EXPECT_EQ(decode_words(mail.header("Subject")), "Li 你好 Li & Lei");
  EXPECT_EQ(mail.count("Bcc"), 0);
  const auto parts = split_parts(mail);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(decode_body(parts[0]), "Welcome back, Li & LeiLI & LEI\r\n");
  EXPECT_EQ(decode_body(parts[1]),
            "<i>1Li &amp; Lei</i><i>2Li &amp; Lei</i><i>3Li &amp; Lei</i>Li & Lei\r\n");
  EXPECT_EQ(decode_body(split_parts(
                read_mail(render(spec, {{"vip", ""}, {"name", "a"}, {"note", ""}})))[0]),
            "HiA\r\n");
}

TEST(Render, WhatAnEvaluatedTemplateCannotDoRefusesTheRecipient) {
  EXPECT_EQ(render(plain("{{ city | upcase }}"), {}),
            "unknown-variable: the recipient has no variable `city`, and it has no default");
  EXPECT_EQ(decode_body(read_mail(render(plain("{{ city | default: 'x' | upcase }}"), {}))),
            "X\r\n");
  EXPECT_TRUE(render(plain("a\n{{ 1 | divided_by: n }}"), {{"n", "0"}})
                  .starts_with("template-error: text:2:"));
  const Spec bomb = plain("{% for i in (1..n) %}{% for j in (1..n) %}x{% endfor %}{% endfor %}");
  EXPECT_TRUE(render(bomb, {{"n", "100000"}}).starts_with("template-limit: text:1:"));
  EXPECT_TRUE(render(plain("{{ a | upcase }}"), {{"a", "\xFF"}}).starts_with("invalid-value"));
}

TEST(Render, ValuesThatAreNoStringsKeepTheirKind) {
  const Variables li{{"points",
                      "\x01"
                      "1200"},
                     {"price",
                      "\x01"
                      "1.50"},
                     {"vip",
                      "\x01"
                      "false"},
                     {"items", "\x01[{\"t\":\"茶\"},{\"t\":\"酒\"}]"},
                     {"zip", "007"},
                     {"odd", "\x01\"\\u0001x\""}};
  const Spec spec = plain(
      "{{ points }} {{ price }} {{ vip }} {{ vip | default: 'no' }} {{ zip }}"
      "{% if points > 1000 %} rich{% endif %}{% if vip %} vip{% endif %}"
      "{% for one in items %} {{ one.t }}{% endfor %} {{ items[0].t }}");
  EXPECT_EQ(decode_body(read_mail(render(spec, li))), "1200 1.50 false no 007 rich 茶 酒 茶\r\n");
  EXPECT_EQ(render(plain("{{ items.x.y }}"), li),
            "unknown-variable: the recipient has no variable `items.x.y`, and it has no default");
  EXPECT_EQ(decode_body(read_mail(render(plain("{{ odd }}{{ odd | append: '' }}"), li))),
            "\x01x\x01x\r\n");
}

TEST(Render, AJobMayTakeUnknownVariablesAsEmpty) {
  Spec spec = plain("[{{ city }}{{ city | upcase }}]");
  spec.unknown_is_empty = true;
  EXPECT_EQ(decode_body(read_mail(render(spec, {}))), "[]\r\n");
}

TEST(Render, AttachmentsComeAfterTheAlternative) {
  Spec spec = plain("t");
  spec.html = "h";
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += static_cast<char>(i);
  spec.attachments = {{"价目表.pdf", "application/pdf", bytes}, {"empty.bin", "", ""}};
  const std::string wire = render(spec, {});
  EXPECT_EQ(fault_of_lines(wire), "");
  const auto parts = split_parts(read_mail(wire));
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(split_parts(parts[0]).size(), 2u);
  EXPECT_EQ(decode_body(parts[1]), bytes);
  EXPECT_NE(parts[1].header("Content-Disposition").find("filename*0*=UTF-8''%E4%BB%B7"),
            std::string::npos);
  EXPECT_EQ(decode_body(parts[2]), "");
}

TEST(Render, ImagesStandBesideTheHtmlThatShowsThem) {
  Spec spec = plain("t");
  spec.html = "<img src=\"cid:logo\">";
  spec.attachments = {{"logo.png", "image/png", "PNG", "logo"},
                      {"a.pdf", "application/pdf", "PDF"}};
  const Mail mail = read_mail(render(spec, {}));
  EXPECT_TRUE(mail.header("Content-Type").starts_with("multipart/mixed"));
  const auto outer = split_parts(mail);
  ASSERT_EQ(outer.size(), 2u);
  const auto choices = split_parts(outer[0]);
  ASSERT_EQ(choices.size(), 2u);
  EXPECT_TRUE(
      choices[1].header("Content-Type").starts_with("multipart/related; type=\"text/html\""));
  const auto shown = split_parts(choices[1]);
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[1].header("Content-ID"), "<logo>");
  EXPECT_TRUE(shown[1].header("Content-Disposition").starts_with("inline"));
  EXPECT_EQ(decode_body(shown[1]), "PNG");
  EXPECT_EQ(decode_body(outer[1]), "PDF");
  spec.attachments.pop_back();
  EXPECT_EQ(split_parts(read_mail(render(spec, {}))).size(), 2u);  // nothing attached: no mixed
}

TEST(Render, AReportIsAMultipartOfItsType) {
  Spec spec = plain("In words.");
  spec.report_type = "tlsrpt";
  spec.attachments = {{"r.json.gz", "application/tlsrpt+gzip", "GZ"}};
  const Mail mail = read_mail(render(spec, {}));
  EXPECT_TRUE(mail.header("Content-Type")
                  .starts_with("multipart/report; report-type=\"tlsrpt\"; boundary="));
  const auto parts = split_parts(mail);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_TRUE(parts[0].header("Content-Type").starts_with("text/plain"));
  EXPECT_EQ(parts[1].header("Content-Type"), "application/tlsrpt+gzip");
}

TEST(Render, HtmlAloneGetsATextPart) {
  Spec spec = plain("");
  spec.html = "<p>Hi {{ name }} &amp; all</p><a href=\"https://a.example/{{ id }}\">Go</a>";
  const std::string wire = render(spec, {{"name", "<Li>"}, {"id", "7"}});
  const auto parts = split_parts(read_mail(wire));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(decode_body(parts[0]), "Hi <Li> & all\r\n\r\nGo (https://a.example/7)\r\n");
  spec.html = "<img src=\"x.png\">";  // nothing to read
  EXPECT_TRUE(read_mail(render(spec, {})).header("Content-Type").starts_with("text/html"));
}

TEST(Render, TheSameRecipientGivesTheSameBytes) {
  Spec spec = plain("你好 {{ v }}");
  spec.html = "<p>{{ v }}";
  spec.subject = "{{ v }}";
  const auto once = compile(spec);
  const auto again = compile(spec);
  Rendered a;
  Rendered b;
  const Variables li{{"v", "李"}};
  const Variables other{{"v", "somebody else"}};
  ASSERT_TRUE((*once)->render({"li@example.cn", li, "1", kDate}, a));
  ASSERT_TRUE((*again)->render({"x@example.cn", other, "2", kDate}, b));
  ASSERT_TRUE((*again)->render({"li@example.cn", li, "1", kDate}, b));
  EXPECT_EQ(joined(a), joined(b));
}

TEST(Render, WhatDoesNotChangeIsNotCopied) {
  const std::string filler(3000, 'x');
  const auto compiled = compile(plain(filler + "{{ v }}" + filler));
  Rendered a;
  Rendered b;
  const Variables variables{{"v", "1"}};
  ASSERT_TRUE((*compiled)->render({"a@example.cn", variables, "1", kDate}, a));
  ASSERT_TRUE((*compiled)->render({"b@example.cn", variables, "2", kDate}, b));
  std::size_t shared = 0;
  for (std::size_t i = 0; i < a.pieces().size(); ++i)
    if (a.pieces()[i].data() == b.pieces()[i].data()) shared += a.pieces()[i].size();
  EXPECT_GT(shared, 6000u);
}

TEST(Render, DateAndMessageIdAreThoseOfTheRecipient) {
  Spec spec = plain("x");
  spec.from_name = "鸿雁 \"News\"";
  EXPECT_EQ(read_mail(render(spec, {})).header("Date"), "Mon, 05 Jan 2026 00:00:00 +0000");
  spec.utc_offset = std::chrono::hours(8);
  const Mail mail = read_mail(render(spec, {}));
  EXPECT_EQ(mail.header("Date"), "Mon, 05 Jan 2026 08:00:00 +0800");
  EXPECT_EQ(mail.header("Message-ID"), "<1.abc@acme.example>");
  EXPECT_EQ(decode_words(mail.header("From")), "鸿雁 \"News\" <news@acme.example>");
  spec.from_name = "Acme, Inc. \"News\"";
  EXPECT_EQ(read_mail(render(spec, {})).header("From"),
            "\"Acme, Inc. \\\"News\\\"\" <news@acme.example>");
}

TEST(Render, ValuesThatAreTooMuchOrNoUtf8AreRefused) {
  std::string text;
  for (int i = 0; i < 900; ++i) text += "{{ v }}";
  const std::string bomb(1 << 20, 'x');
  EXPECT_TRUE(render(plain(text), {{"v", bomb}}).starts_with("message-too-large"));
  EXPECT_TRUE(render(plain("{{ v }}"), {{"v", "\xff"}}).starts_with("invalid-value"));
}

TEST(Render, OnlyNonAsciiAddressesNeedSmtpUtf8) {
  const auto compiled = compile(plain("你好"));
  Rendered out;
  ASSERT_TRUE((*compiled)->render({"li@example.cn", {}, "1", kDate}, out));
  EXPECT_FALSE(out.needs_smtputf8());
  ASSERT_TRUE((*compiled)->render({"李@example.cn", {}, "1", kDate}, out));
  EXPECT_TRUE(out.needs_smtputf8());
}

}  // namespace
}  // namespace hongyan::message
