#include "engine/message/liquid/lexer.h"

#include "engine/message/liquid/characters.h"

#include <algorithm>

namespace hongyan::liquid {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t run_of(std::string_view text, bool (*belongs)(char)) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, belongs) - text.begin());
}

// Digits, and a fraction when a digit follows the point.
std::size_t number_length(std::string_view text) {
  std::size_t length = text.front() == '-' ? 1 : 0;
  length += run_of(text.substr(length), is_digit);
  if (length + 1 < text.size() && text[length] == '.' && is_digit(text[length + 1]))
    length += 1 + run_of(text.substr(length + 1), is_digit);
  return length;
}

std::size_t comparison_length(std::string_view text) {
  for (const std::string_view sign : {"==", "!=", "<>", "<=", ">=", "<", ">"})
    if (text.starts_with(sign)) return sign.size();
  return 0;
}

Token token_at(std::string_view text, const Token* before) {
  using Kind = Token::Kind;
  const char c = text.front();
  const auto of = [&](Kind kind, std::size_t length) {
    return Token{kind, text.substr(0, length), 0};
  };
  if (is_name_start(c)) {
    std::size_t length = run_of(text, is_name_character);
    if (length < text.size() && text[length] == '?') ++length;
    const bool member = before != nullptr && before->is('.');
    const Token name = of(Kind::kName, length);
    return name.text == "contains" && !member ? of(Kind::kCompare, length) : name;
  }
  if (is_digit(c) || (c == '-' && text.size() > 1 && is_digit(text[1])))
    return of(Kind::kNumber, number_length(text));
  if (c == '"' || c == '\'') {
    const std::size_t end = text.find(c, 1);
    return end == std::string_view::npos ? of(Kind::kBad, text.size()) : of(Kind::kString, end + 1);
  }
  if (const std::size_t length = comparison_length(text); length > 0)
    return of(Kind::kCompare, length);
  if (text.starts_with("..")) return of(Kind::kRange, 2);
  if (std::string_view("|.:,[]()?-=").contains(c)) return of(Kind::kPunctuation, 1);
  return of(Kind::kBad, first_character(text).size());
}

}  // namespace

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_character(char c) {
  return is_name_start(c) || is_digit(c) || c == '-';
}

bool PieceReader::next(Piece& piece) {
  if (at_ >= source_.size()) return false;
  const std::string_view rest = source_.substr(at_);
  piece = {Piece::Kind::kText, at_, rest, {}, false, false};
  const bool output = rest.starts_with("{{");
  if (!output && !rest.starts_with("{%")) {
    std::size_t end = 1;
    for (;; ++end) {
      end = rest.find('{', end);
      if (end == std::string_view::npos) break;
      if (end + 1 < rest.size() && (rest[end + 1] == '{' || rest[end + 1] == '%')) break;
    }
    piece.whole = piece.markup = rest.substr(0, end);
    at_ += piece.whole.size();
    return true;
  }
  const std::size_t close = rest.find(output ? "}}" : "%}", 2);
  if (close == std::string_view::npos) {
    piece.kind = Piece::Kind::kUnclosed;
    at_ = source_.size();
    return true;
  }
  piece.kind = output ? Piece::Kind::kOutput : Piece::Kind::kTag;
  piece.whole = rest.substr(0, close + 2);
  piece.markup = rest.substr(2, close - 2);
  piece.trims_left = piece.markup.starts_with('-');
  piece.trims_right = piece.markup.ends_with('-');
  if (piece.trims_left) piece.markup.remove_prefix(1);
  if (piece.trims_right && !piece.markup.empty()) piece.markup.remove_suffix(1);
  at_ += piece.whole.size();
  return true;
}

TagMarkup split_tag(std::string_view markup) {
  markup.remove_prefix(run_of(markup, is_space));
  const std::size_t length =
      markup.starts_with('#') ? 1 : run_of(markup, [](char c) { return is_alnum(c) || c == '_'; });
  const std::string_view name = markup.substr(0, length);
  markup.remove_prefix(length);
  markup.remove_prefix(run_of(markup, is_space));
  while (!markup.empty() && is_space(markup.back())) markup.remove_suffix(1);
  return {name, markup};
}

std::vector<Token> tokenize(std::string_view markup, std::string_view source) {
  std::vector<Token> tokens;
  const auto base = static_cast<std::size_t>(markup.data() - source.data());
  std::size_t at = 0;
  for (;;) {
    at += run_of(markup.substr(at), is_space);
    if (at == markup.size()) break;
    Token token = token_at(markup.substr(at), tokens.empty() ? nullptr : &tokens.back());
    token.at = base + at;
    at += token.text.size();
    if (token.is(Token::Kind::kString)) token.text = token.text.substr(1, token.text.size() - 2);
    tokens.push_back(token);
    if (token.is(Token::Kind::kBad)) break;
  }
  tokens.push_back({Token::Kind::kEnd, {}, base + at});
  return tokens;
}

}  // namespace hongyan::liquid
