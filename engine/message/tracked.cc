#include "engine/message/tracked.h"

#include "base/text.h"
#include "engine/message/html_scan.h"

#include <algorithm>

namespace hongyan::message {
namespace {

constexpr std::size_t kMaxUrl = 2000;

// Empty: not to be tracked.
std::string target_of(std::string_view written) {
  if (written.contains("{{") || written.contains("{%")) return {};
  std::string url = decode_entities(trim_blanks(written));
  const std::string lower = ascii_lower(url.substr(0, 8));
  const bool leads = lower.starts_with("https://") || lower.starts_with("http://");
  const bool clean = std::ranges::all_of(url, [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7F;  // it becomes a header of HTTP
  });
  return leads && clean && url.size() <= kMaxUrl ? url : std::string();
}

std::string output_of(std::string_view variable) {
  return "{{ " + std::string(variable) + " | raw }}";
}

class Tracker {
 public:
  explicit Tracker(std::string_view html) : scan_(html) {}

  Tracked run(bool clicks, bool opens) {
    const std::string_view html = scan_.html();
    std::size_t body_end = std::string::npos;
    for (std::size_t at = 0; at < html.size();) {
      const std::string_view rest = html.substr(at);
      std::size_t end = at + 1;
      if (rest.starts_with("{{")) {
        end = scan_.after_output(at);
      } else if (rest.starts_with("{%")) {
        end = scan_.after_tag(at);
      } else if (rest.starts_with("<!--")) {
        end = scan_.after_comment(at);
      } else if (HtmlScan::begins_element(rest)) {
        std::string tags;
        end = scan_.after_element(at, tags);
        const std::string name = HtmlScan::element_name(html.substr(at, end - at));
        if (name == "/body") body_end = made_.html.size();
        if (clicks && (name == "a" || name == "area")) {
          link(html.substr(at, end - at));
          at = end;
          continue;
        }
      }
      made_.html += html.substr(at, end - at);
      at = end;
    }
    if (opens)
      made_.html.insert(std::min(body_end, made_.html.size()),
                        "<img src=\"" + output_of(kOpenVariable) +
                            "\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0\">");
    return std::move(made_);
  }

 private:
  void link(std::string_view element) {
    const std::string_view written = HtmlScan::attribute(element, "href");
    const std::string url = target_of(written);
    const auto known = std::ranges::find(made_.links, url);
    const auto number = static_cast<std::size_t>(known - made_.links.begin());
    if (url.empty() || (known == made_.links.end() && made_.links.size() == kMaxTracked)) {
      made_.html += element;
      return;
    }
    if (known == made_.links.end()) made_.links.push_back(url);
    const auto begin = static_cast<std::size_t>(written.data() - element.data());
    made_.html += element.substr(0, begin);
    made_.html += output_of(click_variable(number));
    made_.html += element.substr(begin + written.size());
  }

  HtmlScan scan_;
  Tracked made_;
};

}  // namespace

std::string click_variable(std::size_t number) {
  return "_click_url_" + std::to_string(number);
}

Tracked track(std::string_view html, bool clicks, bool opens) {
  return Tracker(html).run(clicks, opens);
}

}  // namespace hongyan::message
