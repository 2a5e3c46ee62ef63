#pragma once

#include "engine/job/job.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::job {

// Reads what a schema let pass of a document, and collects what the schema cannot tell. A path that
// has a fault already gets no second one.
class FieldReader {
 public:
  FieldReader(const Json& document, Faults faults);

  const Json& document() const { return document_; }
  void fault(const std::string& where, std::string what, std::string hint = {});
  bool is_faulty(const std::string& where) const { return faulty_.contains(where); }
  Faults take_faults() { return std::move(faults_); }

  template <class T>
  std::optional<T> take(const std::string& where, Result<T> result) {
    if (result) return std::move(*result);
    fault(where, result.error().detail);
    return std::nullopt;
  }
  // The string member, or nullptr when it is absent, no string or faulty already.
  const std::string* text(const Json& parent, const std::string& key,
                          std::string_view path = {}) const;
  // The same of the document; empty for all of these.
  std::string text(const std::string& key) const;
  // As text(), and fit for a header line.
  std::string header_text(const Json& parent, const std::string& key, std::string_view path = {});
  // Of `attachments`; by key they lie below the document's id.
  std::vector<Attachment> attachments(const std::string& id);

 private:
  const Json& document_;
  Faults faults_;
  std::set<std::string> faulty_;
};

// For faults: in backquotes, bounded, readable.
std::string shown(std::string_view text);

}  // namespace hongyan::job
