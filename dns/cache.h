#pragma once

#include "base/clock.h"
#include "dns/wire.h"

#include <chrono>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace hongyan::dns {

// How long answers are believed, whatever they say themselves.
struct TtlBounds {
  std::chrono::seconds least{5};             // a TTL of 0 would ask anew for each recipient
  std::chrono::seconds most{86'400};         // RFC 2181 8 allows less than was said
  std::chrono::seconds most_negative{3600};  // RFC 2308 5: one to three hours
  std::chrono::seconds without_soa{60};      // a negative answer without SOA has no TTL
  std::chrono::seconds failure{10};          // SERVFAIL, time-out: RFC 9520 3.2
};

std::chrono::seconds lifetime(const Answer& answer, const TtlBounds& bounds);

// Values that expire, at most `capacity` of them: the one longest unused goes first. Positive and
// negative answers are both values.
//
// Owner: Resolver. Thread: its worker's. Invariant: size() <= capacity.
template <class Value>
class Cache {
 public:
  explicit Cache(std::size_t capacity) : capacity_(capacity) {}

  // Null: unknown or expired. The pointer holds until the next put() or find().
  const Value* find(std::string_view key, SteadyTime now, SteadyTime* expires = nullptr) {
    const auto at = index_.find(key);
    if (at == index_.end()) return nullptr;
    if (at->second->expires <= now) {
      drop(at->second);
      return nullptr;
    }
    entries_.splice(entries_.begin(), entries_, at->second);
    if (expires != nullptr) *expires = at->second->expires;
    return &at->second->value;
  }

  void put(std::string key, Value value, SteadyTime expires) {
    if (const auto at = index_.find(key); at != index_.end()) drop(at->second);
    if (capacity_ == 0) return;
    if (entries_.size() == capacity_) drop(std::prev(entries_.end()));
    entries_.push_front({std::move(key), std::move(value), expires});
    index_.emplace(entries_.front().key, entries_.begin());
  }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Value value;
    SteadyTime expires;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void drop(typename Entries::iterator at) {
    index_.erase(at->key);
    entries_.erase(at);
  }

  std::size_t capacity_;
  Entries entries_;
  std::unordered_map<std::string_view, typename Entries::iterator> index_;  // keys live in entries_
};

}  // namespace hongyan::dns
