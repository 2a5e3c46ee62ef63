#include "base/base64.h"
#include "base/text.h"
#include "engine/message/liquid/characters.h"
#include "engine/message/liquid/context.h"
#include "engine/message/liquid/filter.h"
#include "engine/message/liquid/html.h"

#include <algorithm>
#include <array>

namespace hongyan::liquid {
namespace {

Value safe(std::string text) {
  return Value(Value::Shared(Text::owned(std::move(text)).marked_safe()));
}

Value raw(Call& call) {
  if (call.input.is_nil()) return {};
  return Value(Value::Shared(call.text_of(call.input).marked_safe()));
}

Value escape(Call& call) {
  if (call.input.is_nil()) return {};
  const Text text = call.text_of(call.input);
  std::string out;
  append_escaped(text.view(), out, call.context.memory_left());
  return call.grow(out.size()) ? safe(std::move(out)) : Value();
}

// "&amp;" and "&#38;" at the front, not "&#x26;": as the reference has it.
bool begins_with_entity(std::string_view text) {
  std::size_t at = 1;
  const bool number = text.substr(at).starts_with('#');
  if (number) ++at;
  const std::size_t begin = at;
  while (at < text.size() && is_alnum(text[at]) && ((text[at] <= '9') == number)) ++at;
  return at > begin && at < text.size() && text[at] == ';';
}

Value escape_once(Call& call) {
  const Text text = call.text_of(call.input);
  std::string out;
  std::string_view rest = text.view();
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('&'), rest.size());
    append_escaped(rest.substr(0, plain), out, call.context.memory_left());
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    out += begins_with_entity(rest) ? "&" : "&amp;";
    rest.remove_prefix(1);
  }
  return call.grow(out.size()) ? safe(std::move(out)) : Value();
}

Value url_encode(Call& call) {
  if (call.input.is_nil()) return {};
  const Text text = call.text_of(call.input);
  if (!call.grow(3 * text.view().size())) return {};
  std::string out;
  for (const char c : text.view()) {
    if (is_alnum(c) || std::string_view("_.-~").contains(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
  return Value::text(std::move(out));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

Value url_decode(Call& call) {
  if (call.input.is_nil()) return {};
  const Text input = call.text_of(call.input);
  const std::string_view text = input.view();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                       hex_digit(text[i + 2]) >= 0;
    if (coded) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  if (!is_valid_utf8(out)) return call.fail("what is decoded is not valid UTF-8");
  return call.made(std::move(out));
}

template <Base64Kind kind>
Value base64_encoded(Call& call) {
  const Text text = call.text_of(call.input);
  return call.made(encode_base64(text.view(), kind));
}

template <Base64Kind kind>
Value base64_decoded(Call& call) {
  const Text text = call.text_of(call.input);
  auto bytes = decode_base64(text.view(), kind);
  if (!bytes) return call.fail("is no valid base64");
  if (!is_valid_utf8(*bytes)) return call.fail("what is decoded is not valid UTF-8");
  return call.made(std::move(*bytes));
}

// Scripts, styles and comments with what they hold, then tags.
Value strip_html(Call& call) {
  struct Block {
    std::string_view open;
    std::string_view close;
  };
  constexpr std::array<Block, 3> kBlocks{
      {{"<script", "</script>"}, {"<!--", "-->"}, {"<style", "</style>"}}};
  const Text input = call.text_of(call.input);
  std::string_view rest = input.view();
  std::string text;
  // Once a block is not closed no later one of its kind is: not to look again keeps this linear.
  std::array<bool, 3> closes{true, true, true};
  while (!rest.empty()) {
    const std::size_t open = std::min(rest.find('<'), rest.size());
    text += rest.substr(0, open);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    std::size_t skipped = 0;
    for (std::size_t i = 0; i < kBlocks.size() && skipped == 0; ++i) {
      if (!closes[i] || !rest.starts_with(kBlocks[i].open)) continue;
      const std::size_t close = rest.find(kBlocks[i].close, kBlocks[i].open.size());
      closes[i] = close != std::string_view::npos;
      if (closes[i]) skipped = close + kBlocks[i].close.size();
    }
    if (skipped == 0) text += '<';
    rest.remove_prefix(std::max<std::size_t>(skipped, 1));
  }
  std::string out;
  for (rest = text; !rest.empty();) {
    const std::size_t open = rest.find('<');
    out += rest.substr(0, open);
    const std::size_t close = open == std::string_view::npos ? open : rest.find('>', open);
    if (open != std::string_view::npos && close == std::string_view::npos) out += rest.substr(open);
    if (close == std::string_view::npos) break;
    rest.remove_prefix(close + 1);
  }
  return call.made(std::move(out));
}

// Each line end, with `instead` before it or in its place.
std::string with_breaks(std::string_view text, std::string_view instead) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (pair) continue;
    if (text[i] == '\n') {
      out += instead;
    } else {
      out += text[i];
    }
  }
  return out;
}

Value newline_to_br(Call& call) {
  const Text input = call.text_of(call.input);
  if (!call.context.options().escapes_html || input.safe()) {
    std::string out = with_breaks(input.view(), "<br />\n");
    return call.grow(out.size()) ? safe(std::move(out)) : Value();
  }
  std::string escaped;
  append_escaped(input.view(), escaped, call.context.memory_left());
  std::string out = with_breaks(escaped, "<br />\n");
  return call.grow(out.size()) ? safe(std::move(out)) : Value();
}

Value strip_newlines(Call& call) {
  const Text input = call.text_of(call.input);
  std::string out = with_breaks(input.view(), "");
  if (!call.grow(out.size())) return {};
  return Value(Value::Shared(Text::owned(std::move(out)).marked_safe(input.safe())));
}

constexpr Filter kFilters[] = {
    {"base64_decode", base64_decoded<Base64Kind::kStandard>},
    {"base64_encode", base64_encoded<Base64Kind::kStandard>},
    {"base64_url_safe_decode", base64_decoded<Base64Kind::kUrl>},
    {"base64_url_safe_encode", base64_encoded<Base64Kind::kUrl>},
    {"escape", escape},
    {"escape_once", escape_once},
    {"h", escape},
    {"newline_to_br", newline_to_br},
    {"raw", raw},
    {"strip_html", strip_html},
    {"strip_newlines", strip_newlines},
    {"url_decode", url_decode},
    {"url_encode", url_encode},
};

}  // namespace

std::span<const Filter> markup_filters() {
  return kFilters;
}

}  // namespace hongyan::liquid
