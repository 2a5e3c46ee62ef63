#include "mailbox/catalogue/secret.h"

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

// All that follows works in place and never makes a text longer: one copy of the secret, to be
// wiped.
template <std::size_t N>
void fold(std::string& text, const std::array<Fold, N>& folds) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::string_view rest = std::string_view(text).substr(from);
    const auto one =
        std::ranges::find_if(folds, [&](const Fold& pair) { return rest.starts_with(pair.first); });
    if (one == folds.end()) {
      text[to++] = text[from++];
    } else {
      from += one->first.size();
      for (const char c : one->second) text[to++] = c;
    }
  }
  text.resize(to);
}

// U+FF01-FF5E, as an input method writes letters and digits: EF BC xx or EF BD xx.
void make_half_width(std::string& text) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < text.size(); ++from) {
    char c = text[from];
    if (from + 2 < text.size() && c == '\xEF' &&
        (text[from + 1] == '\xBC' || text[from + 1] == '\xBD')) {
      const int low = static_cast<unsigned char>(text[from + 2]) - 0x80;
      const int ascii = (text[from + 1] == '\xBC' ? 0x20 : 0x60) + low;
      if (ascii > ' ' && ascii < 0x7F) {
        c = static_cast<char>(ascii);
        from += 2;
      }
    }
    text[to++] = c;
  }
  text.resize(to);
}

// How many bytes of `text` at an end are a blank of any kind; 0: none.
std::size_t blank_at(std::string_view text, bool front) {
  for (const std::string_view blank : {" ", "\t", "\r", "\n", "\u00A0", "\u3000"})
    if (front ? text.starts_with(blank) : text.ends_with(blank)) return blank.size();
  return 0;
}

// Blanks of every kind at the ends; inside, a password may have what it likes.
void unwrap(std::string& text) {
  while (const std::size_t size = blank_at(text, true)) text.erase(0, size);
  while (const std::size_t size = blank_at(text, false)) text.resize(text.size() - size);
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
  const auto length = static_cast<std::size_t>(std::ranges::count_if(
      secret, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
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
  std::string text(pasted);
  fold(text, kUnseen);
  unwrap(text);
  if (form.characters != Characters::kAny) {
    fold(text, kHyphens);
    make_half_width(text);
  }
  if (form.strip.contains(' ')) fold(text, kBlanks);
  std::erase_if(text, [&](char c) { return form.strip.contains(c); });
  Bilingual warning = warning_of(form, text);
  return {Secret::take(text), std::move(warning)};
}

}  // namespace hongyan::mailbox
