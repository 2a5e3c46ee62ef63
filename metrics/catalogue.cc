#include "metrics/catalogue.h"

#include <array>

namespace hongyan::metrics {
namespace {

using Labels = std::string_view;
constexpr std::array<Labels, 1> kChannel = {"channel"};
constexpr std::array<Labels, 1> kProvider = {"provider"};
constexpr std::array<Labels, 1> kBy = {"by"};
constexpr std::array<Labels, 1> kCall = {"call"};
constexpr std::array<Labels, 1> kListener = {"listener"};
constexpr std::array<Labels, 1> kSource = {"source"};
constexpr std::array<Labels, 1> kResult = {"result"};
constexpr std::array<Labels, 1> kReason = {"reason"};
constexpr std::array<Labels, 1> kState = {"state"};
constexpr std::array<Labels, 1> kPhase = {"phase"};
constexpr std::array<Labels, 1> kTenant = {"tenant"};
constexpr std::array<Labels, 1> kVersion = {"version"};
constexpr std::array<Labels, 2> kChannelState = {"channel", "state"};
constexpr std::array<Labels, 2> kChannelProvider = {"channel", "provider"};
constexpr std::array<Labels, 2> kChannelSelector = {"channel", "selector"};
constexpr std::array<Labels, 2> kProviderMode = {"provider", "mode"};
constexpr std::array<Labels, 2> kProviderGroup = {"provider", "group"};
constexpr std::array<Labels, 2> kKindVerdict = {"kind", "verdict"};
constexpr std::array<Labels, 2> kProviderStatus = {"provider", "status"};
constexpr std::array<Labels, 2> kProviderOutcome = {"provider", "outcome"};
constexpr std::array<Labels, 2> kProviderResult = {"provider", "result"};
constexpr std::array<Labels, 2> kTenantChannel = {"tenant", "channel"};
constexpr std::array<Labels, 4> kOutcomeLabels = {"channel", "source", "provider", "outcome"};

constexpr std::int64_t kMs = 1'000'000;  // nanoseconds
constexpr std::int64_t kS = 1'000 * kMs;
constexpr std::array kDeliveryBounds = {kMs,       5 * kMs,   20 * kMs, 50 * kMs, 100 * kMs,
                                        250 * kMs, 500 * kMs, kS,       2 * kS,   5 * kS,
                                        15 * kS,   60 * kS,   300 * kS, 600 * kS};
constexpr std::array kFastBounds = {kMs / 10, kMs / 4,  kMs / 2,   kMs,       2 * kMs, 5 * kMs,
                                    10 * kMs, 25 * kMs, 100 * kMs, 500 * kMs, kS,      5 * kS};
constexpr std::array<std::int64_t, 9> kBatchBounds = {1, 2, 4, 8, 16, 32, 64, 128, 512};

}  // namespace

const Metric kOutcomes{
    .name = "hongyan_outcomes_total",
    .unit = "attempts",
    .labels = kOutcomeLabels,
    .meaning =
        "What became of attempts (delivered, deferred, bounced, in_doubt), as settled. "
        "provider is a named provider or `other`.",
    .alert =
        "HongyanNothingLeaves: neither delivered nor bounced for 10 m while work is due "
        "(hongyan_due_chunks) and no lane is paused."};
const Metric kRecipients{
    .name = "hongyan_recipients",
    .kind = Kind::kGauge,
    .unit = "recipients",
    .labels = kChannelState,
    .meaning =
        "Recipients of all jobs that are not closed yet, by their state now. Every engine "
        "shows the same: take the maximum.",
    .alert = "deferred above half of queued + deferred for 1 h: a receiver refuses us."};
const Metric kInvalidAddressRatio{
    .name = "hongyan_invalid_address_ratio",
    .kind = Kind::kGauge,
    .unit = "ratio 0 to 1",
    .labels = kChannel,
    .meaning =
        "Invalid-address outcomes / (accepted + invalid-address) of all jobs that are not "
        "closed yet. Every engine shows the same.",
    .alert =
        "HongyanInvalidAddressesHigh: above 0.02 for 10 m, with 200 outcomes in the hour: "
        "look at the lists before the breaker does (it acts at 0.03)."};
const Metric kBreakerTrips{
    .name = "hongyan_breaker_trips_total",
    .unit = "trips",
    .labels = kChannel,
    .meaning =
        "Jobs that this engine has seen the breaker stop. Every engine sees every trip: take "
        "the maximum.",
    .alert =
        "any increase: tell the campaign's owner. HongyanBreakerTripped goes by hongyan_jobs, "
        "which stays until "
        "somebody has decided."};
const Metric kInDoubt{
    .name = "hongyan_in_doubt",
    .kind = Kind::kGauge,
    .unit = "recipients",
    .labels = kChannel,
    .meaning =
        "Recipients whose answer will never be known, waiting for their resend or held. Every "
        "engine shows the same.",
    .alert =
        "HongyanInDoubtGrows: 20 more than half an hour ago: a receiver closes after "
        "end-of-data, or engines die."};
const Metric kDeliveryPhaseSeconds{
    .name = "hongyan_delivery_phase_seconds",
    .kind = Kind::kHistogram,
    .unit = "seconds",
    .labels = kPhase,
    .meaning =
        "Where an attempt spent its time: turn (waited for its lane), token (waited for the "
        "pace), connect (until EHLO, TLS, AUTH were done), transact (envelope to answer).",
    .alert =
        "HongyanDeliveryLatencyBurnFast, HongyanDeliveryLatencyBurnSlow: 99 % of attempts "
        "shall have their turn within 300 s of their claim; the budget burns 14 or 6 times "
        "too fast. p99 of transact above 60 s: a receiver is slow.",
    .bounds = kDeliveryBounds,
    .scale = kS};
const Metric kOldestDueSeconds{
    .name = "hongyan_oldest_due_seconds",
    .kind = Kind::kGauge,
    .unit = "seconds",
    .labels = kChannelProvider,
    .meaning = "For how long the recipient that this engine has held longest waits.",
    .alert =
        "HongyanOldestDueTooOld: above 900 for 15 m: engines are too few, or a lane is stuck "
        "(hongyan_lanes)."};
const Metric kDueChunks{.name = "hongyan_due_chunks",
                        .kind = Kind::kGauge,
                        .unit = "chunks",
                        .labels = kChannel,
                        .meaning =
                            "Chunks (256 recipients or fewer) in Redis of jobs that may send now, "
                            "with somebody due, and "
                            "held by no engine. Every engine shows the same.",
                        .alert =
                            "HongyanNothingLeaves: above 0 while nothing leaves. To scale by: it "
                            "falls when engines keep up."};
const Metric kRetries{
    .name = "hongyan_retries_total",
    .unit = "attempts",
    .labels = kChannelProvider,
    .meaning = "Attempts that were not the recipient's first.",
    .alert = "above half of all attempts for 1 h: a receiver defers most of what we send."};

const Metric kSourceOwned{
    .name = "hongyan_source_owned",
    .kind = Kind::kGauge,
    .unit = "0 or 1",
    .labels = kSource,
    .meaning =
        "1 while a live engine has this source of the configuration. Every engine shows all of "
        "them.",
    .alert =
        "HongyanSourceUnowned: 0 for 10 m: nothing leaves by it; start the engine that it names."};

const Metric kLanes{
    .name = "hongyan_lanes",
    .kind = Kind::kGauge,
    .unit = "lanes",
    .labels = kProviderMode,
    .meaning = "Lanes this engine owns by mode (normal, slow, paused).",
    .alert =
        "HongyanProviderPaused: paused above 0 for 1 h for a named provider: `hongyan why "
        "PROVIDER` has the reason."};
const Metric kLaneModeChanges{.name = "hongyan_lane_mode_changes_total",
                              .unit = "changes",
                              .labels = kProviderMode,
                              .meaning = "Changes of a lane into a mode.",
                              .alert =
                                  "paused more than 5 times in 1 h: the start values in "
                                  "[provider.NAME] are too high."};
const Metric kRefusals{
    .name = "hongyan_refusals_total",
    .unit = "replies",
    .labels = kProviderGroup,
    .meaning =
        "4xx and 5xx replies to messages by what they mean: bad-mailbox, bad-domain, full, rate, "
        "sender-blocked, content-policy, auth, network-or-expired, remote-system, size, other.",
    .alert =
        "HongyanProviderRefuses: sender-blocked, auth or content-policy above 5 % of outcomes "
        "for 15 m: stop and look."};
const Metric kLateReports{
    .name = "hongyan_late_reports_total",
    .unit = "reports",
    .labels = kKindVerdict,
    .meaning =
        "What came back after the answer, by kind (bounce, complaint, unsubscribe; of tracked jobs "
        "open, click) and verdict: counted, known (told before), gone (its job's data are "
        "removed).",
    .alert =
        "HongyanComplaintsHigh: complaints above 0.1 % of a day's deliveries: stop and look "
        "at the list's origin."};
const Metric kInboundMails{
    .name = "hongyan_inbound_mails_total",
    .unit = "mails",
    .labels = kKindVerdict,
    .meaning =
        "Mail that came back, per recipient, by kind (bounce, delay, delivered, complaint, "
        "unsubscribe, auto-reply, not-a-report, unreadable) and verdict: taken, nothing-to-do, "
        "no-message (it shows no message of ours), refused, later (Redis was away; it comes "
        "again).",
    .alert =
        "HongyanInboundNotTaken: later for 15 m: senders give up after some days. no-message "
        "above half of complaints: their returned headers are cut."};
const Metric kInboundRefusals{
    .name = "hongyan_inbound_refusals_total",
    .unit = "refusals",
    .labels = kReason,
    .meaning =
        "What the listener for mail refused: forged-tag, unknown-recipient, too-many-recipients, "
        "too-large, too-slow, too-many-connections, protocol (commands that make no sense).",
    .alert = "forged-tag above 1,000 in an hour: somebody tries to make up bounces; none counts."};
const Metric kMailboxes{
    .name = "hongyan_mailboxes",
    .kind = Kind::kGauge,
    .unit = "mailboxes",
    .labels = kProviderStatus,
    .meaning =
        "Bound mailboxes by provider of the catalogue and status: normal, needs-code (letters wait "
        "for a new secret), needs-attention, stopped (too many addresses that do not exist).",
    .alert = "needs-code grows at one provider: it has revoked codes, or changed its log-in."};
const Metric kMailboxLetters{
    .name = "hongyan_mailbox_letters_total",
    .unit = "attempts",
    .labels = kProviderOutcome,
    .meaning =
        "Attempts at 1-on-1 letters: sent, bounced, queued (tried again later), in_doubt (the "
        "answer is lost; not sent again), failed. They cost nothing.",
    .alert = "in_doubt above 0: somebody should ask those customers."};
const Metric kMailboxMessages{
    .name = "hongyan_mailbox_messages_total",
    .unit = "messages",
    .labels = kProvider,
    .meaning = "Messages that came into bound mailboxes and were told as events.",
    .alert = "0 for hours at a provider with many mailboxes: they are not read any more."};
const Metric kMailboxNotices{
    .name = "hongyan_mailbox_notices_total",
    .unit = "mails",
    .meaning =
        "Mails that tell users of their mailboxes' news and trouble ([mailbox.notify]), handed to "
        "jobs. After a crash one may be counted again; it is sent once."};
const Metric kMailboxTracked{
    .name = "hongyan_mailbox_tracked_total",
    .unit = "visits",
    .labels = kKindVerdict,
    .meaning =
        "Visits from tracked letters, by kind (open, click) and verdict: counted, known (not the "
        "first), gone (the letter is no longer kept)."};
const Metric kMailboxCodeExpires{
    .name = "hongyan_mailbox_code_expires_seconds",
    .kind = Kind::kGauge,
    .unit = "seconds",
    .labels = kProvider,
    .meaning =
        "Until the first authorization code of a provider's bound mailboxes ends, as far as their "
        "users told the day; negative: it has ended.",
    .alert =
        "HongyanMailboxCodeExpires: below 259,200 (3 days): `hongyan mailbox list` says whose "
        "code must be made anew."};
const Metric kLaneTokens{
    .name = "hongyan_lane_tokens_total",
    .unit = "tokens",
    .labels = kProviderResult,
    .meaning = "Tokens asked of Redis: granted, or refused (the limit is reached).",
    .alert = ""};
const Metric kSmtpConnections{.name = "hongyan_smtp_connections",
                              .kind = Kind::kGauge,
                              .unit = "connections",
                              .labels = kProvider,
                              .meaning = "Open SMTP connections of this engine.",
                              .alert = ""};
const Metric kSmtpConnects{
    .name = "hongyan_smtp_connects_total",
    .unit = "connections",
    .labels = kProviderResult,
    .meaning =
        "Connection attempts: ready (mail may be sent), failed, proxy_failed (the source's "
        "outbound "
        "proxy could not be reached) or proxy_silent (nothing came through it, and nobody knows "
        "whose fault that is); the outcome lines in the log and proxy-away name the reason.",
    .alert =
        "HongyanCannotConnect: none ready in 30 m and more than 10 failed: network, blocklist "
        "or port 25. HongyanProxyAway: more than 5 proxy_failed or proxy_silent in 10 m. "
        "Less than half ready for 15 m: a receiver's outage."};

const Metric kTlsSessions{
    .name = "hongyan_tls_sessions_total",
    .unit = "sessions",
    .labels = kProviderResult,
    .meaning =
        "Openings of SMTP connections as RFC 8460 counts them: ok, or the result type of what "
        "failed, also "
        "where the mail went on in clear. `hongyan tls-report` has them by domain.",
    .alert =
        "a provider's share of ok below 0.9 for 30 m: a certificate of theirs, or an "
        "attack."};

const Metric kJobs{
    .name = "hongyan_jobs",
    .kind = Kind::kGauge,
    .unit = "jobs",
    .labels = kState,
    .meaning =
        "Jobs that are not closed yet, by state. Every engine shows the same: take the "
        "maximum.",
    .alert =
        "HongyanBreakerTripped, HongyanJobUnfunded: tripped or unfunded above 0: an operator "
        "has something to decide."};
const Metric kJobsTaken{.name = "hongyan_jobs_taken_total",
                        .unit = "documents",
                        .labels = kResult,
                        .meaning =
                            "Entries taken from hongyan:jobs: accepted, repeated (same "
                            "content), refused.",
                        .alert =
                            "refused grows: a producer writes bad documents; see `hongyan dead "
                            "list`."};
const Metric kControlOps{
    .name = "hongyan_control_ops_total",
    .unit = "operations",
    .labels = kResult,
    .meaning = "pause, resume, cancel: done (or kept for a job to come), refused.",
    .alert = ""};
const Metric kDeadLetters{
    .name = "hongyan_dead_letters_total",
    .unit = "entries",
    .meaning = "Entries this engine put on hongyan:dead.",
    .alert = "HongyanJobsRefused: any increase: `hongyan dead list` names every fault."};
const Metric kPlannedRows{
    .name = "hongyan_planned_rows_total",
    .unit = "rows",
    .labels = kResult,
    .meaning = "List rows planned: good (a duplicate counts as one) or invalid.",
    .alert = "invalid above 10 % of all for a job's length: the list is of poor quality."};

const Metric kSettleBatch{.name = "hongyan_settle_batch_size",
                          .kind = Kind::kHistogram,
                          .unit = "outcomes",
                          .meaning = "Outcomes in one settle call to Redis.",
                          .alert = "",
                          .bounds = kBatchBounds};
const Metric kSettleBacklog{
    .name = "hongyan_settle_backlog",
    .kind = Kind::kGauge,
    .unit = "outcomes",
    .meaning = "Outcomes known here but not settled in Redis yet.",
    .alert =
        "HongyanSettleBacklog: above 1000 for 5 m: Redis is slow or away; nothing is lost "
        "while the engine lives."};
const Metric kBillingMessages{.name = "hongyan_billing_messages_total",
                              .unit = "recipients",
                              .labels = kTenantChannel,
                              .meaning = "Recipients charged, exact, from the ledger.",
                              .alert = "",
                              .billing = true};
const Metric kBillingCharged{
    .name = "hongyan_billing_charged_micro_yuan_total",
    .unit = "micro-yuan (documented exception to base units: integers stay exact)",
    .labels = kTenantChannel,
    .meaning = "Amount charged, exact, from the ledger.",
    .alert = "differs from messages × price while the roll-up lag is 0: a bug, tell us.",
    .billing = true};
const Metric kBillingBalance{
    .name = "hongyan_billing_balance_micro_yuan",
    .kind = Kind::kGauge,
    .unit = "micro-yuan",
    .labels = kTenant,
    .meaning = "Balance of prepaid tenants, lent allotments taken off.",
    .alert =
        "HongyanBalanceLow: below what was spent in the last day: ask the tenant for a "
        "top-up.",
    .billing = true};
const Metric kBillingRollupLag{
    .name = "hongyan_billing_rollup_lag_seconds",
    .kind = Kind::kGauge,
    .unit = "seconds",
    .meaning = "Age of the oldest job entry that is not in the totals yet; 0: they agree.",
    .alert = "HongyanRollupLag: above 10 for 5 m: no engine rolls up; bills are late, not wrong.",
    .billing = true};

const Metric kRedisUp{
    .name = "hongyan_redis_up",
    .kind = Kind::kGauge,
    .unit = "0 or 1",
    .meaning = "1 while Redis answers this engine.",
    .alert =
        "HongyanRedisAway: 0 on every engine for 2 m: nothing is claimed; what is on the wire "
        "finishes."};
const Metric kRedisDurable{
    .name = "hongyan_redis_durable",
    .kind = Kind::kGauge,
    .unit = "0 or 1",
    .meaning =
        "1: append-only file on and written, policy noeviction; looked at every 10 s. 0: "
        "weaker, or not readable.",
    .alert =
        "HongyanRedisNotDurable: 0 for 5 m: a crash of Redis may lose accepted work; /readyz "
        "says why."};
const Metric kRedisMemoryRatio{
    .name = "hongyan_redis_memory_ratio",
    .kind = Kind::kGauge,
    .unit = "ratio 0 to 1",
    .meaning = "used_memory / maxmemory; 0 when there is no maxmemory.",
    .alert =
        "HongyanRedisFilling above 0.7, HongyanRedisFull above 0.9: intake and planning stop "
        "at 0.8, new marks at 0.95."};
const Metric kRedisReconnects{.name = "hongyan_redis_reconnects_total",
                              .unit = "connections",
                              .meaning = "Connections to Redis made again after a loss.",
                              .alert = "more than 3 in 10 m: network or a restarting Redis."};
const Metric kRedisCommands{.name = "hongyan_redis_commands_total",
                            .unit = "commands",
                            .meaning = "Commands sent to Redis by this engine.",
                            .alert = ""};
const Metric kRedisCallSeconds{
    .name = "hongyan_redis_call_seconds",
    .kind = Kind::kHistogram,
    .unit = "seconds",
    .labels = kCall,
    .meaning =
        "How long Redis took to answer: settle (one commit of a worker, with its wait for the "
        "disk), "
        "probe (one INFO a second, also when nothing is sent).",
    .alert = "HongyanRedisSlow: p99 above 0.1 for 10 m: its disk, its processor, or the network.",
    .bounds = kFastBounds,
    .scale = kS};
const Metric kDnsQueries{
    .name = "hongyan_dns_queries_total",
    .unit = "queries",
    .labels = kResult,
    .meaning = "Questions to DNS servers: answered (whatever the answer) or failed.",
    .alert = "HongyanDnsFails: failed above 10 % for 10 m: the resolver is ill."};

const Metric kCertificateExpires{.name = "hongyan_certificate_expires_seconds",
                                 .kind = Kind::kGauge,
                                 .unit = "seconds",
                                 .labels = kListener,
                                 .meaning =
                                     "Until the certificate that a listener of this engine uses "
                                     "(public, inbound) ends; negative: "
                                     "it has. A listener reads its file when the engine starts.",
                                 .alert =
                                     "HongyanCertificateExpires below 14 days, "
                                     "HongyanCertificateEnds below 1 day: renew the file, "
                                     "restart the engine."};
const Metric kDkimKeyAge{.name = "hongyan_dkim_key_age_seconds",
                         .kind = Kind::kGauge,
                         .unit = "seconds",
                         .labels = kChannelSelector,
                         .meaning =
                             "Since a key that signs was made, by the line that `hongyan dkim "
                             "keygen` puts before it, or "
                             "else by the time of its file.",
                         .alert = "HongyanDkimKeyOld: above 365 days: roll it."};

const Metric kEventLoopLagSeconds{
    .name = "hongyan_event_loop_lag_seconds",
    .kind = Kind::kHistogram,
    .unit = "seconds",
    .meaning = "How late a worker's timer fires: time its loop was busy with something else.",
    .alert = "HongyanEventLoopLag: p99 above 0.1 for 10 m: workers are out of CPU.",
    .bounds = kFastBounds,
    .scale = kS};
const Metric kEscapedExceptions{
    .name = "hongyan_escaped_exceptions_total",
    .unit = "exceptions",
    .meaning = "Exceptions that escaped a task: each is a bug of ours.",
    .alert = "HongyanEscapedException: any: the log line task-escaped says where; tell us."};
const Metric kSeriesRefused{
    .name = "hongyan_metric_series_refused_total",
    .unit = "label sets",
    .meaning = "Label sets beyond the bound of a metric, counted under `other` instead.",
    .alert = "any: a label is not bounded; tell us."};
const Metric kReady{
    .name = "hongyan_ready",
    .kind = Kind::kGauge,
    .unit = "0 or 1",
    .meaning = "What /readyz says.",
    .alert =
        "HongyanNoEngineReady: none for 5 m. HongyanEngineNotReady: 0 for 10 m. /readyz names "
        "the reason."};
const Metric kHeld{
    .name = "hongyan_held",
    .kind = Kind::kGauge,
    .unit = "0 or 1",
    .labels = kBy,
    .meaning =
        "1 while nothing is sent because of `hongyan hold`, by whom it was set: operator, or "
        "engine "
        "(Redis is older than it was).",
    .alert =
        "HongyanHeldByEngine: by=\"engine\" for 2 m. HongyanHeld: 1 for 1 h, somebody forgot it. "
        "`hongyan hold` names who and why."};
const Metric kConfigDiffers{
    .name = "hongyan_config_differing_keys",
    .kind = Kind::kGauge,
    .unit = "keys",
    .meaning = "Keys of this engine's file that differ from the published configuration.",
    .alert =
        "HongyanConfigurationDiffers: above 0 for 5 m: the engine takes nothing; publish the "
        "file or correct it."};
const Metric kResidentMemory{.name = "hongyan_process_resident_memory_bytes",
                             .kind = Kind::kGauge,
                             .unit = "bytes",
                             .meaning = "Memory of this process in RAM; flat in the size of lists.",
                             .alert = "HongyanMemoryHigh: above 1.5 GiB for 15 m: tell us."};
const Metric kCpuSeconds{.name = "hongyan_process_cpu_seconds_total",
                         .unit = "seconds",
                         .meaning = "User and system time of this process.",
                         .alert = ""};
const Metric kOpenFiles{
    .name = "hongyan_process_open_fds",
    .kind = Kind::kGauge,
    .unit = "descriptors",
    .meaning = "Open file descriptors of this process.",
    .alert = "HongyanFilesNearLimit: above 80 % of hongyan_process_max_fds: raise LimitNOFILE."};
const Metric kMaxFiles{.name = "hongyan_process_max_fds",
                       .kind = Kind::kGauge,
                       .unit = "descriptors",
                       .meaning = "File descriptors that this process may open.",
                       .alert = "HongyanFilesNearLimit: see hongyan_process_open_fds."};
const Metric kStartTime{
    .name = "hongyan_process_start_time_seconds",
    .kind = Kind::kGauge,
    .unit = "seconds since 1970",
    .meaning = "When this process began.",
    .alert = "HongyanEngineRestarts: changes 3 times or more in 1 h: it crashes."};
const Metric kBuildInfo{.name = "hongyan_build_info",
                        .kind = Kind::kGauge,
                        .unit = "1",
                        .labels = kVersion,
                        .meaning = "Always 1; the version is the label.",
                        .alert = ""};

std::span<const Metric* const> catalogue() {
  static constexpr std::array kAll = {&kOutcomes,
                                      &kRecipients,
                                      &kInvalidAddressRatio,
                                      &kBreakerTrips,
                                      &kInDoubt,
                                      &kDeliveryPhaseSeconds,
                                      &kOldestDueSeconds,
                                      &kDueChunks,
                                      &kRetries,
                                      &kSourceOwned,
                                      &kLanes,
                                      &kLaneModeChanges,
                                      &kLaneTokens,
                                      &kRefusals,
                                      &kLateReports,
                                      &kInboundMails,
                                      &kInboundRefusals,
                                      &kMailboxes,
                                      &kMailboxLetters,
                                      &kMailboxMessages,
                                      &kMailboxNotices,
                                      &kMailboxTracked,
                                      &kMailboxCodeExpires,
                                      &kSmtpConnections,
                                      &kSmtpConnects,
                                      &kTlsSessions,
                                      &kJobs,
                                      &kJobsTaken,
                                      &kControlOps,
                                      &kDeadLetters,
                                      &kPlannedRows,
                                      &kSettleBatch,
                                      &kSettleBacklog,
                                      &kRedisUp,
                                      &kRedisDurable,
                                      &kRedisMemoryRatio,
                                      &kRedisReconnects,
                                      &kRedisCommands,
                                      &kRedisCallSeconds,
                                      &kDnsQueries,
                                      &kCertificateExpires,
                                      &kDkimKeyAge,
                                      &kEventLoopLagSeconds,
                                      &kEscapedExceptions,
                                      &kSeriesRefused,
                                      &kReady,
                                      &kHeld,
                                      &kConfigDiffers,
                                      &kResidentMemory,
                                      &kCpuSeconds,
                                      &kOpenFiles,
                                      &kMaxFiles,
                                      &kStartTime,
                                      &kBuildInfo,
                                      &kBillingMessages,
                                      &kBillingCharged,
                                      &kBillingBalance,
                                      &kBillingRollupLag};
  return kAll;
}

}  // namespace hongyan::metrics
