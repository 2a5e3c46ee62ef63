#pragma once

#include "base/fault.h"
#include "base/json.h"

#include <memory>
#include <string_view>

namespace hongyan::job {

// A JSON Schema (2020-12), as far as our documents need one:
//   type required properties additionalProperties propertyNames minProperties maxProperties
//   items minItems maxItems  pattern minLength maxLength  minimum maximum  enum const  anyOf oneOf
// and the annotations $schema $id title description format contentEncoding, which assert nothing.
// Any other keyword is a fault when the schema is loaded, so that the published file never promises
// what is not enforced.
//
// Thread: immutable after load; check() may be called from any.
class Schema {
 public:
  static std::expected<Schema, Faults> load(std::string_view text);

  // Every fault of `document`; `where` is a path such as recipients.list[3].to, "document" at the
  // top.
  Faults check(const Json& document) const;

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

 private:
  struct Node;
  class Loader;
  class Checker;
  explicit Schema(std::unique_ptr<const Node> root);

  std::unique_ptr<const Node> root_;
};

// "from" and "address" make "from.address"; an empty parent is the document.
std::string join_path(std::string_view parent, std::string_view key);

}  // namespace hongyan::job
