#include "base/mime/html_text.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hongyan::mime {
namespace {

// A longer tag is none: texts made to cost time stop there.
constexpr std::size_t kMostTag = 4096;

constexpr std::array<std::pair<std::string_view, char>, 7> kEntities = {{{"&nbsp;", ' '},
                                                                         {"&lt;", '<'},
                                                                         {"&gt;", '>'},
                                                                         {"&quot;", '"'},
                                                                         {"&#39;", '\''},
                                                                         {"&#64;", '@'},
                                                                         {"&amp;", '&'}}};

bool ends_line(std::string_view tag) {
  static constexpr std::array<std::string_view, 16> kBlocks = {
      "br", "p",  "/p", "div", "/div", "tr",   "/tr", "/td",
      "li", "h1", "h2", "h3",  "pre",  "/pre", "hr",  "table"};
  std::size_t end = 0;
  while (end < tag.size() && tag[end] != ' ' && tag[end] != '\n' && (tag[end] != '/' || end == 0))
    ++end;
  const std::string name = ascii_lower(tag.substr(0, end));
  return std::ranges::find(kBlocks, name) != kBlocks.end();
}

}  // namespace

std::string text_of_html(std::string_view html) {
  std::string out;
  out.reserve(html.size());
  while (!html.empty()) {
    if (html.front() == '<') {
      const std::size_t close = html.substr(0, kMostTag).find('>');
      const std::string_view inside =
          html.substr(1, close == std::string_view::npos ? 0 : close - 1);
      const char next = inside.empty() ? ' ' : inside.front();
      // <a@b> that nobody escaped is no tag.
      if (inside.size() < 300 && inside.contains('@') && !inside.contains(' ') &&
          !inside.contains('=')) {
        out.append("<").append(inside).append(">");
        html.remove_prefix(std::min(html.size(), inside.size() + 2));
        continue;
      }
      if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/' ||
          next == '!') {
        const std::string name = ascii_lower(inside.substr(0, 6));
        std::size_t skip = inside.size() + 2;
        if (name.starts_with("style") || name.starts_with("script")) {
          const std::size_t end = html.find(name.starts_with("style") ? "</style" : "</script");
          skip = end == std::string_view::npos ? html.size() : end;
        }
        if (ends_line(inside)) out += '\n';
        html.remove_prefix(std::min(html.size(), skip));
        continue;
      }
    }
    if (html.front() == '&') {
      const auto known = std::ranges::find_if(
          kEntities, [&](const auto& entity) { return html.starts_with(entity.first); });
      if (known != kEntities.end()) {
        out += known->second;
        html.remove_prefix(known->first.size());
        continue;
      }
    }
    out += html.front();
    html.remove_prefix(1);
  }
  return out;
}

}  // namespace hongyan::mime
