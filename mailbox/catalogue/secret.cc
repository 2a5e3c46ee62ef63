#include "mailbox/catalogue/secret.h"

#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace hongyan::mailbox {
namespace {

using Fold = std::pair<std::string_view, std::string_view>;

// What nobody sees, at the ends or between.
constexpr std::array<Fold, 5> kUnseen = {{{"\u200B", ""},    // zero width space
                                          {"\u200C", ""},    // zero width non-joiner
                                          {"\u200D", ""},    // zero width joiner
                                          {"\u2060", ""},    // word joiner
                                          {"\uFEFF", ""}}};  // byte order mark
constexpr std::array<Fold, 5> kBlanks = {{{"\u00A0", " "},   // no-break space
                                          {"\u3000", " "},   // ideographic space
                                          {"\t", " "},
                                          {"\r", " "},
                                          {"\n", " "}}};
constexpr std::array<Fold, 7> kHyphens = {{{"\u2010", "-"},
                                           {"\u2011", "-"},
                                           {"\u2012", "-"},
                                           {"\u2013", "-"},
                                           {"\u2014", "-"},
                                           {"\u2212", "-"},
                                           {"\uFF0D", "-"}}};

template <std::size_t N>
std::string folded(std::string_view text, const std::array<Fold, N>& folds) {
  std::string out;
  while (!text.empty()) {
    const auto fold =
        std::ranges::find_if(folds, [&](const Fold& one) { return text.starts_with(one.first); });
    if (fold == folds.end()) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += fold->second;
      text.remove_prefix(fold->first.size());
    }
  }
  return out;
}

// U+FF10-FF5A as an input method writes letters and digits: three bytes each, EF BC/BD xx.
std::string half_width(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i + 2 < text.size() && text[i] == '\xEF' &&
        (text[i + 1] == '\xBC' || text[i + 1] == '\xBD')) {
      const int low = static_cast<unsigned char>(text[i + 2]) - 0x80;
      const int ascii = (text[i + 1] == '\xBC' ? 0x20 : 0x60) + low;
      if (ascii > ' ' && ascii < 0x7F) {
        out += static_cast<char>(ascii);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Blanks of every kind at the ends; inside, a password may have what it likes.
std::string unwrapped(std::string_view pasted) {
  std::string text = folded(pasted, kUnseen);
  constexpr std::array<std::string_view, 2> kWide = {"\u00A0", "\u3000"};
  for (bool again = true; again;) {
    text = trimmed(text);
    again = false;
    for (const std::string_view blank : kWide) {
      if (text.starts_with(blank)) text.erase(0, blank.size()), again = true;
      if (text.ends_with(blank)) text.erase(text.size() - blank.size()), again = true;
    }
  }
  return text;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool may_hold(Characters characters, char c) {
  switch (characters) {
    case Characters::kAny:
      return true;
    case Characters::kLetters:
      return is_letter(c);
    case Characters::kLettersAndDigits:
      return is_letter(c) || is_digit(c);
    case Characters::kLettersAndHyphens:
      return is_letter(c) || c == '-';
  }
  return false;
}

Bilingual only_of(Characters characters) {
  switch (characters) {
    case Characters::kLetters:
      return {"letters", "字母"};
    case Characters::kLettersAndDigits:
      return {"letters and digits", "字母和数字"};
    case Characters::kLettersAndHyphens:
      return {"letters and hyphens", "字母和连字符"};
    case Characters::kAny:
      break;
  }
  return {"characters", "字符"};
}

Bilingual warning_of(const SecretForm& form, const std::string& secret) {
  const std::string en = "the " + form.called.en;
  if (form.kind == SecretKind::kOAuth2)
    return {"This provider refuses every password; " + form.called.en + " is the only way.",
            "该服务商拒绝一切密码，只能使用" + form.called.zh + "。"};
  if (secret.empty())
    return {"Nothing was given; " + en + " is needed.", "内容为空，需要" + form.called.zh + "。"};
  const bool fits =
      std::ranges::all_of(secret, [&](char c) { return may_hold(form.characters, c); });
  const Bilingual only = only_of(form.characters);
  if (!fits)
    return {"This cannot be " + en + ": that has only " + only.en +
                ". Is it the password of the web mail?",
            "这不会是" + form.called.zh + "：它只含" + only.zh + "。是否填了网页登录密码？"};
  const auto length = count_code_points(replace_invalid_utf8(secret));
  if (form.most == 0 || (length >= static_cast<std::size_t>(form.least) &&
                         length <= static_cast<std::size_t>(form.most)))
    return {};
  const std::string least = std::to_string(form.least);
  const std::string most = std::to_string(form.most);
  const std::string right = form.least == form.most ? least : least + "-" + most;
  return {"This cannot be " + en + ": it has " + std::to_string(length) + " characters, that has " +
              right + ". Is it the password of the web mail, or is a part missing?",
          "这不会是" + form.called.zh + "：长度为 " + std::to_string(length) + "，应为 " + right +
              "。是否填了网页登录密码，或复制不完整？"};
}

}  // namespace

NormalisedSecret normalise_secret(const Setup& setup, std::string_view pasted) {
  const SecretForm& form = setup.secret;
  std::string secret = unwrapped(pasted);
  if (form.characters != Characters::kAny) secret = half_width(folded(secret, kHyphens));
  if (form.strip.contains(' ')) secret = folded(secret, kBlanks);
  std::erase_if(secret, [&](char c) { return form.strip.contains(c); });
  return {secret, warning_of(form, secret)};
}

}  // namespace hongyan::mailbox
