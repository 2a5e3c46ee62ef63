#include "engine/core/public_pages.h"

#include "base/log.h"

#include <fmt/format.h>

namespace hongyan::engine {
namespace {

constexpr std::size_t kMostBody = 4096;  // "List-Unsubscribe=One-Click", or our own form

// Nothing is loaded from anywhere, and nobody may frame it. Our recipients read one of the two.
http::Reply page(int status, std::string_view english, std::string_view chinese,
                 std::string_view form = {}) {
  http::Reply reply{.status = status, .body = {}, .content_type = "text/html; charset=utf-8"};
  reply.body = fmt::format(
      "<!doctype html>\n<html><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"robots\" content=\"noindex\"><title>Unsubscribe / 退订</title></head>\n"
      "<body style=\"font-family:sans-serif;max-width:32em;margin:4em auto;padding:0 1em\">\n"
      "<p lang=\"en\">{}</p>\n<p lang=\"zh-CN\">{}</p>\n{}</body></html>\n",
      english, chinese, form);
  return reply;
}

std::string_view token_of(const http::Request& request) {
  return std::string_view(request.path).substr(request.path.rfind('/') + 1);
}

// The smallest picture there is: one transparent point (GIF89a).
constexpr std::string_view kPoint(
    "GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF!\xF9\x04\x01\0\0\0\0,"
    "\0\0\0\0\x01\0\x01\0\0\x02\x02"
    "D\x01\0;",
    43);

// Leads where the link says, or shows the point, also when nothing can be counted.
template <class Counter, class What>
async::Task<http::Reply> tracked(Counter& counter, bool counts, What what) {
  http::Reply reply;
  if (what.url.empty()) {
    reply.body = std::string(kPoint);
    reply.content_type = "image/gif";
  } else {
    reply.status = 302;
    reply.location = what.url;
  }
  if (counts)
    if (auto done = co_await counter.seen(std::move(what)); !done)
      log::warning("tracking-not-counted", {{"what", done.error().code}});
  co_return reply;
}

async::Task<http::Reply> answer(LateReports& reports, mailbox::Tracking& letters,
                                const http::Request& request) {
  const bool counts = request.method == "GET";
  if (auto what = reports.open_tracked(token_of(request)))
    co_return co_await tracked(reports, counts, *std::move(what));
  if (auto what = letters.open(token_of(request)))
    co_return co_await tracked(letters, counts, *std::move(what));
  auto who = reports.open_link(token_of(request));
  if (!who)
    co_return page(404, "This link is not complete. Please use the one in the message.",
                   "链接不完整，请使用邮件中的链接。");
  if (request.method != "POST")
    co_return page(200, "Do you want no more mail from this sender?",
                   "您不想再收到该发件人的邮件吗？",
                   "<form method=\"post\"><button style=\"font-size:1.1em;padding:.5em 1.5em\">"
                   "Unsubscribe / 退订</button></form>\n");
  const bool one_click = request.body.contains("One-Click");
  const auto done =
      co_await reports.unsubscribe(std::move(*who), one_click ? "one-click" : "the link's page");
  if (!done)
    co_return page(503, "This could not be stored. Please try again in some minutes.",
                   "暂时无法保存，请几分钟后再试。");
  co_return page(200, "You will get no more mail from this sender.",
                 "您将不再收到该发件人的邮件。");
}

}  // namespace

std::vector<http::Route> public_routes(LateReports& reports, mailbox::Tracking& letters) {
  return {
      {.path = "/",
       .handler = [&reports, &letters](
                      const http::Request& request) { return answer(reports, letters, request); },
       .takes_post = true}};
}

http::Options public_options(const config::PublicSettings& settings) {
  return {.listen = settings.listen,
          .max_body = kMostBody,
          .certificate_file = settings.certificate_file,
          .key_file = settings.key_file};
}

}  // namespace hongyan::engine
