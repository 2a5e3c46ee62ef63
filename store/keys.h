#pragma once

#include <string>
#include <string_view>

// Every key Hongyan writes, in one place; docs/queue.md describes them. Keys of one job carry the
// hash tag {ID}, those of a tenant {T}, those of a source {S}: each atomic step touches one slot.
namespace hongyan::store::keys {

inline constexpr std::string_view kJobs = "hongyan:jobs";        // stream: documents in
inline constexpr std::string_view kControl = "hongyan:control";  // stream: operations in
inline constexpr std::string_view kDead = "hongyan:dead";        // stream: refused documents
inline constexpr std::string_view kEvents = "hongyan:events";    // stream: events out
inline constexpr std::string_view kEventNumbers = "hongyan:{hongyan:events}:numbers";  // its slot
inline constexpr std::string_view kIndex = "hongyan:index";      // zset: job id → created, ms
inline constexpr std::string_view kActive = "hongyan:active";    // set: ids of jobs not yet closed
inline constexpr std::string_view kEnded = "hongyan:ended";      // zset: job id → end, ms
inline constexpr std::string_view kTenants = "hongyan:tenants";  // set: tenants with a ledger
inline constexpr std::string_view kConfig = "hongyan:config";    // hash: digest, fleet, version
inline constexpr std::string_view kEngines = "hongyan:engines";  // hash: engine → heartbeat JSON
inline constexpr std::string_view kLanes = "hongyan:lanes";      // hash: engine → its lanes, JSON
inline constexpr std::string_view kHold = "hongyan:hold";        // string: why nothing is sent
inline constexpr std::string_view kSecret = "hongyan:secret";    // string: 32 bytes of all engines
inline constexpr std::string_view kVault = "hongyan:vault";      // hash: the vault's public record
inline constexpr std::string_view kReturns = "hongyan:returns";  // hash: job_ref → job id
// hash: lane_ref → "source provider", "other" for those without a name
inline constexpr std::string_view kLaneRefs = "hongyan:lane-refs";
inline constexpr std::string_view kGroup = "hongyan";  // consumer group of the streams

inline std::string of_job(std::string_view id, std::string_view part) {
  std::string key = "hongyan:{";
  key.append(id).append("}:").append(part);
  return key;
}
inline std::string job(std::string_view id) {
  return of_job(id, "job");
}
inline std::string chunk(std::string_view id, std::uint64_t n) {
  return of_job(id, "c:" + std::to_string(n));
}
inline std::string states(std::string_view id, std::uint64_t n) {
  return of_job(id, "s:" + std::to_string(n));
}
inline std::string replies(std::string_view id, std::uint64_t n) {
  return of_job(id, "r:" + std::to_string(n));
}
// Bitmaps of a chunk: who opened (a bit each), who clicked (64 bits each, one per link).
inline std::string opens(std::string_view id, std::uint64_t n) {
  return of_job(id, "o:" + std::to_string(n));
}
inline std::string clicks(std::string_view id, std::uint64_t n) {
  return of_job(id, "k:" + std::to_string(n));
}
inline std::string waits(std::string_view id, std::uint64_t n) {
  return of_job(id, "w:" + std::to_string(n));
}
// Hash: "chunk index kind" → "ms status": what came back after the answer.
inline std::string late(std::string_view id) {
  return of_job(id, "late");
}

// The faults of one refused entry of hongyan:jobs, for who submitted it.
inline std::string refusal(std::string_view id, std::string_view entry) {
  return of_job(id, "refused:" + std::string(entry));
}

inline std::string account(std::string_view tenant) {
  return "hongyan:{" + std::string(tenant) + "}:account";
}
inline std::string account_entries(std::string_view tenant) {
  return "hongyan:{" + std::string(tenant) + "}:account:entries";
}
inline std::string ledger(std::string_view tenant) {
  return "hongyan:{" + std::string(tenant) + "}:ledger";
}

// Who gets no mail: of one tenant, or (an empty name) of anybody.
inline std::string suppressed(std::string_view tenant) {
  return tenant.empty() ? "hongyan:suppressed" : "hongyan:{" + std::string(tenant) + "}:suppressed";
}

// How TLS went with receivers on a day of UTC.
inline std::string tls_sessions(std::string_view day) {
  return "hongyan:tlsrpt:" + std::string(day);
}
// Which engine sends the reports of that day.
inline std::string tls_sender(std::string_view day) {
  return tls_sessions(day) + ":sender";
}

inline std::string source(std::string_view name) {
  return "hongyan:{" + std::string(name) + "}:source";
}
inline std::string lane_tokens(std::string_view source, std::string_view provider) {
  return "hongyan:{" + std::string(source) + "}:tokens:" + std::string(provider);
}
inline std::string channel_tokens(std::string_view channel) {
  return "hongyan:{" + std::string(channel) + "}:channel:tokens";
}
inline std::string warmup(std::string_view source) {
  return "hongyan:{" + std::string(source) + "}:warmup";
}
// What came back by mail for messages of a source, until its owner takes it.
inline std::string late_signs(std::string_view source) {
  return "hongyan:{" + std::string(source) + "}:late";
}
inline std::string lane_pace(std::string_view source, std::string_view provider) {
  return "hongyan:{" + std::string(source) + "}:pace:" + std::string(provider);
}

// What came of an order, for who gave it `request`.
inline std::string answer(std::string_view request) {
  return "hongyan:{" + std::string(request) + "}:answer";
}

// A mailbox that a user bound, by its address in small letters; {A} is its slot.
inline constexpr std::string_view kMailboxes = "hongyan:mailboxes";  // zset: address → bound, ms
// zset: address → when its next letter is due, ms; what wakes an engine
inline constexpr std::string_view kLettersDue = "hongyan:letters-due";
inline std::string of_mailbox(std::string_view address, std::string_view part) {
  return "hongyan:{" + std::string(address) + "}:" + std::string(part);
}
inline std::string mailbox(std::string_view address) {
  return of_mailbox(address, "mailbox");
}
inline std::string letter(std::string_view address, std::string_view id) {
  return of_mailbox(address, "letter:" + std::string(id));
}
// hash: date → letters of all mailboxes of a domain, where its provider counts them together
inline std::string domain_days(std::string_view domain) {
  return "hongyan:{@" + std::string(domain) + "}:sent-days";
}
// zset: fingerprint, recipient and id of letters of the last day; of a mailbox or a tenant
inline std::string alike(std::string_view who) {
  return "hongyan:{" + std::string(who) + "}:alike";
}

// A follow-up plan; {P} is its slot.
inline constexpr std::string_view kPlans = "hongyan:plans";              // zset: plan → created, ms
inline constexpr std::string_view kPlanLead = "hongyan:plans:lead";      // who drives them now
inline constexpr std::string_view kPlanCursor = "hongyan:plans:cursor";  // last event looked at
inline std::string of_plan(std::string_view id, std::string_view part) {
  return "hongyan:{" + std::string(id) + "}:" + std::string(part);
}
inline std::string plan(std::string_view id) {
  return of_plan(id, "plan");
}
inline std::string contact(std::string_view id, std::string_view address) {
  return of_plan(id, "contact:" + std::string(address));
}

}  // namespace hongyan::store::keys
