#include "engine/list/csv.h"

namespace hongyan::list {

std::string& CsvScanner::begin_field() {
  if (fields_.size() == count_) fields_.emplace_back();
  std::string& field = fields_[count_++];
  field.clear();
  return field;
}

CsvScanner::Scan CsvScanner::scan(std::string_view text, bool last) {
  const auto bad = [&](const char* why) {
    const auto line = text.find('\n');
    if (line == std::string_view::npos && !last) return Scan{};
    return Scan{Status::kBad, line == std::string_view::npos ? text.size() : line + 1, why};
  };
  count_ = 0;
  for (std::size_t at = 0;;) {
    std::string& field = begin_field();
    if (at < text.size() && text[at] == '"') {
      for (++at;; at += 2) {
        const auto quote = text.find('"', at);
        if (quote == std::string_view::npos)
          return last ? bad("a quote is opened and never closed") : Scan{};
        field.append(text, at, quote - at);
        at = quote;
        if (at + 1 == text.size() && !last) return {};
        if (at + 1 == text.size() || text[at + 1] != '"') break;
        field += '"';
      }
      ++at;
    } else {
      const std::size_t begin = at;
      while (at < text.size() && text[at] != separator_ && text[at] != '\n' && text[at] != '\r')
        ++at;
      field.append(text, begin, at - begin);
    }
    if (at == text.size()) return last ? Scan{Status::kRecord, at} : Scan{};
    if (text[at] == separator_) {
      ++at;
      continue;
    }
    if (text[at] == '\n') return {Status::kRecord, at + 1};
    if (text[at] != '\r') return bad("text follows a closing quote");
    if (at + 1 == text.size() && !last) return {};
    return {Status::kRecord, at + 1 < text.size() && text[at + 1] == '\n' ? at + 2 : at + 1};
  }
}

char separator_of(std::string_view header_line) {
  if (header_line.contains(',')) return ',';
  if (header_line.contains('\t')) return '\t';
  return header_line.contains(';') ? ';' : ',';
}

}  // namespace hongyan::list
