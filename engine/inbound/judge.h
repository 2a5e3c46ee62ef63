#pragma once

#include "engine/answer/classifier.h"
#include "engine/inbound/report.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// The named provider of a host; empty: unknown.
using ProviderOfHost = std::function<std::string_view(std::string_view host)>;

// What is known about one recipient before its meaning is.
struct Evidence {
  std::string status;             // of the report's own fields, or empty
  std::string host;               // who answered, or empty
  std::vector<std::string> said;  // the reply, as the report's fields repeat it
  std::vector<std::string> told;  // what the notice for people says, the most telling first
};

// Reads the words of a report by the rules for replies.
//
// Thread: any number, at once.
class Judge {
 public:
  Judge(std::shared_ptr<const answer::Classifier> classifier, ProviderOfHost provider_of_host)
      : classifier_(std::move(classifier)), provider_of_host_(std::move(provider_of_host)) {}

  // Sets status, group, suppress, reply and rule. `report.kind` must be set.
  void judge(const Evidence& evidence, Report& report) const;

 private:
  struct Opinion;
  Opinion opinion_of(std::string_view text, std::string_view status,
                     std::string_view provider) const;

  std::shared_ptr<const answer::Classifier> classifier_;
  ProviderOfHost provider_of_host_;
};

}  // namespace hongyan::inbound
