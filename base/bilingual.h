#pragma once

#include <string>
#include <string_view>

namespace hongyan {

enum class Language : unsigned char { kEnglish, kChinese };

// "zh", "zh_CN.UTF-8" → Chinese; "en", "C", anything else → English. For flags and LANG alike.
inline Language language_of(std::string_view text) {
  return text.starts_with("zh") ? Language::kChinese : Language::kEnglish;
}

// A text that users read, in both languages.
struct Bilingual {
  std::string en, zh;

  const std::string& in(Language language) const {
    return language == Language::kChinese ? zh : en;
  }
  bool empty() const { return en.empty() && zh.empty(); }
  friend bool operator==(const Bilingual&, const Bilingual&) = default;
};

}  // namespace hongyan
