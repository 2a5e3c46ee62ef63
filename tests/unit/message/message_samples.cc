// Writes rendered messages for message_samples_test.py, each as "<length>\n<bytes>".
#include "engine/message/message.h"

#include <cstdio>
#include <string>

namespace {

void write(const hongyan::message::Spec& spec, std::string_view name) {
  using namespace hongyan;
  const auto compiled = message::compile(spec);
  if (!compiled) return;
  const std::pair<std::string_view, std::string_view> variables[] = {{"name", name}};
  message::Rendered out;
  const WallTime date{std::chrono::sys_days{std::chrono::year{2026} / 1 / 5}};
  if (!(*compiled)->render({"li@example.cn", variables, "1.abc", date}, out)) return;
  std::printf("%zu\n", out.size());
  for (const std::string_view piece : out.pieces())
    std::fwrite(piece.data(), 1, piece.size(), stdout);
}

}  // namespace

int main() {
  hongyan::message::Spec spec;
  spec.from_address = "news@acme.example";
  spec.from_name = "鸿雁 快讯";
  spec.subject = "{{ name }}，您好！Spring offers 春季优惠 for you and everybody you know, today";
  spec.headers = {{"X-Note", "to {{ name }}"}};
  spec.attachments = {{"价目表.bin", "application/octet-stream", std::string(1000, '\xAB')}};
  spec.message_id_domain = "acme.example";
  spec.job_id = "spring-1";
  spec.utc_offset = std::chrono::hours(8);
  for (const int repeat : {1, 40}) {
    spec.text.clear();
    spec.html.clear();
    for (int i = 0; i < repeat; ++i) {
      spec.text += "尊敬的 {{ name }}：\n.鸿雁传书，见字如面。这一段文字足够长，可以换行。\n";
      spec.html += "<p class=\"a\">Dear {{ name }}, </p>\n.dot = \xC3\xA9 \n";
    }
    for (const char* name : {"李", "", "李雷 & \"Han\"", "a", "ab", "abc", "😀😀"})
      write(spec, name);
  }
}
