#pragma once

#include "dns/lookup.h"

#include <map>
#include <string>
#include <utility>

namespace hongyan::dns {

// The DNS as a table. A name that is nowhere does not exist; one with records of another type has
// none of this.
class TableLookup final : public Lookup {
 public:
  TableLookup& txt(const std::string& name, const std::string& text) {
    at(name, Type::kTxt).texts.push_back(text);
    return *this;
  }
  TableLookup& host(const std::string& name, const std::string& address) {
    const auto ip = IpAddress::parse(address);
    at(name, ip->is_v4() ? Type::kA : Type::kAaaa).addresses.push_back(*ip);
    return *this;
  }
  TableLookup& mx(const std::string& name, int preference, const std::string& exchange) {
    at(name, Type::kMx).mx.push_back({static_cast<std::uint16_t>(preference), exchange});
    return *this;
  }
  TableLookup& srv(const std::string& name, const SrvRecord& record) {
    at(name, Type::kSrv).srv.push_back(record);
    return *this;
  }
  TableLookup& ptr(const std::string& address, const std::string& name) {
    at(reverse_name(*IpAddress::parse(address)), Type::kPtr).names.push_back(name);
    return *this;
  }
  TableLookup& silent(const std::string& name, Type type) {
    silent_[{name, type}] = true;
    return *this;
  }

  Result<Answer> ask(const std::string& name, Type type) override {
    ++asked;
    if (silent_.contains({name, type})) return fail(Scope::kHost, "dns-timeout", "no answer");
    if (const auto found = answers_.find({name, type}); found != answers_.end())
      return found->second;
    Answer answer;
    const auto any = answers_.lower_bound({name, Type{}});
    if (any == answers_.end() || any->first.first != name) answer.rcode = Rcode::kNxDomain;
    return answer;
  }
  int asked = 0;

 private:
  Answer& at(const std::string& name, Type type) { return answers_[{name, type}]; }
  std::map<std::pair<std::string, Type>, Answer> answers_;
  std::map<std::pair<std::string, Type>, bool> silent_;
};

}  // namespace hongyan::dns
