#include "mailbox/imap/response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

template <class T>
T read(std::string_view text) {
  const auto response = parse_response(text);
  if (!response) {
    ADD_FAILURE() << text << ": " << response.error();
    return {};
  }
  if (!std::holds_alternative<T>(*response)) {
    ADD_FAILURE() << text << " is something else: " << response->index();
    return {};
  }
  return std::get<T>(*response);
}

TEST(Response, StatusHasTagCodeAndText) {
  const struct {
    const char* line;
    const char* tag;
    Status status;
    const char* code;
    const char* arguments;
    const char* text;
  } rows[] = {
      {"A1 OK LOGIN completed", "A1", Status::kOk, "", "", "LOGIN completed"},
      {"A2 NO [AUTHENTICATIONFAILED] Invalid credentials", "A2", Status::kNo,
       "AUTHENTICATIONFAILED", "", "Invalid credentials"},
      {"A3 no [appenduid 3 17] done", "A3", Status::kNo, "APPENDUID", "3 17", "done"},
      {"* BAD Parse command error", "", Status::kBad, "", "", "Parse command error"},
      {"* BYE", "", Status::kBye, "", "", ""},
      {"* PREAUTH [CAPABILITY IMAP4rev1 ID] hi", "", Status::kPreauth, "CAPABILITY", "IMAP4rev1 ID",
       "hi"},
      {"* OK [PERMANENTFLAGS (\\* \"]\")] ok", "", Status::kOk, "PERMANENTFLAGS", "(\\* \"]\")",
       "ok"},
      {"* OK [a bracket without end", "", Status::kOk, "", "", "[a bracket without end"},
      {"* OK [ALERT] [x] y", "", Status::kOk, "ALERT", "", "[x] y"},
      {"* OK []", "", Status::kOk, "", "", ""},
  };
  for (const auto& row : rows) {
    const auto got = read<StatusResponse>(row.line);
    EXPECT_EQ(got.tag, row.tag) << row.line;
    EXPECT_EQ(got.status, row.status) << row.line;
    EXPECT_EQ(got.code.name, row.code) << row.line;
    EXPECT_EQ(got.code.arguments, row.arguments) << row.line;
    EXPECT_EQ(got.text, row.text) << row.line;
  }
}

TEST(Response, NumbersOfACodeHaveThirtyTwoBits) {
  const auto code = read<StatusResponse>("* OK [APPENDUID 4294967295 4294967296 x] d").code;
  EXPECT_EQ(code.number(0), 4294967295u);
  EXPECT_EQ(code.number(1), std::nullopt);
  EXPECT_EQ(code.number(2), std::nullopt);
  EXPECT_EQ(code.number(3), std::nullopt);
}

TEST(Response, FetchHasNumbersFlagsAndSections) {
  const auto got = read<FetchData>(
      "* 12 FETCH (FLAGS (\\Seen $x) UID 345 INTERNALDATE \" 5-Jan-2026 10:00:00 +0800\" "
      "RFC822.SIZE 1000 BODY[HEADER.FIELDS (FROM \"TO\")] {9}\r\nFrom: a\r\n BODY[text]<0> "
      "\"q\\\"uo\\\\ted\" BODY[1] NIL ENVELOPE (NIL (a (b))) X-GM-MSGID 12345678901234567890)");
  EXPECT_EQ(got.sequence, 12u);
  EXPECT_EQ(got.uid, 345u);
  EXPECT_EQ(got.size, 1000u);
  EXPECT_EQ(got.internal_date, " 5-Jan-2026 10:00:00 +0800");
  EXPECT_THAT(got.flags, ElementsAre("\\Seen", "$x"));
  EXPECT_TRUE(got.has_flag("\\SEEN"));
  EXPECT_THAT(got.sections, ElementsAre(Pair("BODY[HEADER.FIELDS (FROM TO)]", "From: a\r\n"),
                                        Pair("BODY[TEXT]", "q\"uo\\ted"), Pair("BODY[1]", "")));
  EXPECT_EQ(got.section("BODY[2]"), "");
}

TEST(Response, ListNamesAreDecodedAndAttributesKept) {
  auto got = read<ListEntry>("* LIST (\\HasNoChildren \\Sent) \"/\" \"&XfJT0ZAB-\"");
  EXPECT_EQ(got.name, "已发送");
  EXPECT_EQ(got.wire_name, "&XfJT0ZAB-");
  EXPECT_EQ(got.delimiter, "/");
  EXPECT_TRUE(got.has("\\sent"));
  got = read<ListEntry>("* LIST () NIL {5}\r\na b]c");
  EXPECT_EQ(got.name, "a b]c");
  EXPECT_EQ(got.delimiter, "");
  got = read<ListEntry>("* LIST (\\NoSelect) \".\" [Gmail]/Sent (\"CHILDINFO\" (\"X\"))");
  EXPECT_EQ(got.name, "[Gmail]/Sent");
}

TEST(Response, TheRest) {
  EXPECT_EQ(read<Exists>("* 23 EXISTS").messages, 23u);
  EXPECT_EQ(read<Expunge>("* 3 expunge").sequence, 3u);
  EXPECT_EQ(read<Continuation>("+ eyJz").text, "eyJz");
  EXPECT_EQ(read<Continuation>("+").text, "");
  EXPECT_THAT(read<CapabilityData>("* CAPABILITY IMAP4rev1 AUTH=PLAIN ID").words,
              ElementsAre("IMAP4rev1", "AUTH=PLAIN", "ID"));
  EXPECT_THAT(read<IdData>("* ID (\"name\" \"Dovecot\" \"os\" NIL)").words,
              ElementsAre("name", "Dovecot", "os", ""));
  EXPECT_TRUE(read<IdData>("* ID NIL").words.empty());
  for (const char* line :
       {"* 5 RECENT", "* FLAGS (a b", "* SEARCH 1 2 3", "* XYZ ((((", "* 1", "* ID (\"name\""})
    read<OtherData>(line);
}

TEST(Response, WhatIsBrokenIsNamed) {
  const std::string deep = "* 1 FETCH (X " + std::string(40, '(') + std::string(40, ')') + ")";
  std::string many = "* CAPABILITY";
  for (int i = 0; i < 5000; ++i) many += " x";
  const struct {
    std::string line;
    const char* fault;
  } rows[] = {
      {"", "a response has neither tag nor star"},
      {"hello world", "a response has neither tag nor star"},
      {"A-1 OK x", "a response has neither tag nor star"},
      {"* 1 FETCH", "a value is missing"},
      {"* 1 FETCH (UID", "a list does not end"},
      {"* 1 FETCH (UID)", "FETCH has no pairs"},
      {"* 1 FETCH ((a) b)", "FETCH has an item without a name"},
      {"* 1 FETCH (UID x)", "a UID is no number"},
      {"* 1 FETCH (UID 4294967296)", "a UID is no number"},
      {"* 1 FETCH (UID 1) x", "FETCH goes on after its list"},
      {"* 1 FETCH (BODY[TEXT \"x\")", "a section does not end"},
      {"* 1 FETCH (X \"abc)", "a quoted string does not end"},
      {"* 1 FETCH (X {9}\r\nabc)", "a literal does not end"},
      {"* 1 FETCH (X {x}\r\nabc)", "a literal has no size"},
      {"* LIST () \"/\"", "LIST is not attributes, delimiter and name"},
      {"* LIST x y z", "LIST is not attributes, delimiter and name"},
      {"* LIST () \"/\" x)", "a value begins with what none does"},
      {deep, "lists are nested too deep"},
      {many, "a response has too many values"},
  };
  for (const auto& row : rows) {
    const auto got = parse_response(row.line);
    ASSERT_FALSE(got) << row.line;
    EXPECT_EQ(got.error(), row.fault) << row.line;
  }
}

}  // namespace
}  // namespace hongyan::imap
