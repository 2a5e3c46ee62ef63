#pragma once

#include "engine/message/body.h"
#include "engine/message/evaluated.h"
#include "engine/message/message.h"
#include "engine/message/slots.h"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hongyan::message {

// A header with variables, or the subject.
struct DynamicHeader {
  enum class Kind : unsigned char { kText, kUris };
  std::string name;
  Kind kind = Kind::kText;
  std::vector<std::variant<std::string, Use>> parts;
};

// A body and the fixed bytes before it.
struct BodyPart {
  std::string lead;
  Body body;
  Escape escape = Escape::kNone;
};

// A message in the order in which it is written: head, what is the recipient's own, parts, tail.
struct Compiled::Plan {
  std::string head;  // fixed header fields
  std::vector<DynamicHeader> headers;
  std::vector<BodyPart> parts;  // text, html or both
  std::vector<Evaluated> evaluated;
  Evaluation evaluation;
  std::string tail;  // closing boundaries, attachments
  Slots slots;
  std::vector<std::string> links;
  bool tracks_opens = false;
  std::string message_id_domain;
  bool needs_smtputf8 = false;
  std::size_t max_static_size = 0;
};

}  // namespace hongyan::message
