#pragma once

#include "engine/job/schema.h"

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::job {

// One schema object, read. Private to schema.cc and schema_load.cc.
struct Schema::Node {
  using Ptr = std::unique_ptr<const Node>;
  struct Range {
    std::optional<double> least, most;
  };

  std::vector<std::string> types;
  std::vector<std::string> required;
  std::map<std::string, Ptr, std::less<>> properties;
  bool closed = false;  // additionalProperties: false
  Ptr additional;       // additionalProperties: a schema
  Ptr property_names;
  Ptr items;
  Range value, length, item_count, property_count;
  std::unique_ptr<const RE2> pattern;
  std::vector<Json> allowed;  // enum, or the one of const
  std::vector<Ptr> any_of;
  std::vector<Ptr> one_of;
  std::string description;
};

}  // namespace hongyan::job
