#pragma once

#include "metrics/metric.h"

#include <string>

namespace hongyan::metrics {

// Everything that is watched, in the order of docs/METRICS.md.
std::span<const Metric* const> catalogue();
// docs/METRICS.md; a test compares it with the file.
std::string catalogue_markdown();

// Sending.
extern const Metric kOutcomes;              // channel, source, provider, outcome
extern const Metric kRecipients;            // channel, state
extern const Metric kInvalidAddressRatio;   // channel
extern const Metric kBreakerTrips;          // channel
extern const Metric kInDoubt;               // channel
extern const Metric kDeliveryPhaseSeconds;  // phase
extern const Metric kOldestDueSeconds;      // channel, provider
extern const Metric kDueChunks;             // channel
extern const Metric kRetries;               // channel, provider
extern const Metric kSourceOwned;           // source

// Lanes.
extern const Metric kLanes;            // provider, mode
extern const Metric kLaneModeChanges;  // provider, mode
extern const Metric kLaneTokens;       // provider, result
extern const Metric kRefusals;         // provider, group
extern const Metric kLateReports;      // kind, verdict
extern const Metric kInboundMails;     // kind, verdict
extern const Metric kInboundRefusals;  // reason
extern const Metric kMailboxes;        // provider, status
extern const Metric kMailboxLetters;   // provider, outcome
extern const Metric kMailboxMessages;  // provider
extern const Metric kMailboxNotices;
extern const Metric kMailboxTracked;      // kind, verdict
extern const Metric kMailboxCodeExpires;  // provider
extern const Metric kSmtpConnections;     // provider
extern const Metric kSmtpConnects;        // provider, result
extern const Metric kTlsSessions;         // provider, result

// Intake and planning.
extern const Metric kJobs;        // state
extern const Metric kJobsTaken;   // result
extern const Metric kControlOps;  // op, result
extern const Metric kDeadLetters;
extern const Metric kPlannedRows;  // result

// Settling and money.
extern const Metric kSettleBatch;
extern const Metric kSettleBacklog;
extern const Metric kBillingMessages;  // tenant, channel
extern const Metric kBillingCharged;   // tenant, channel
extern const Metric kBillingBalance;   // tenant
extern const Metric kBillingRollupLag;

// Redis and DNS.
extern const Metric kRedisUp;
extern const Metric kRedisDurable;
extern const Metric kRedisMemoryRatio;
extern const Metric kRedisReconnects;
extern const Metric kRedisCommands;
extern const Metric kRedisCallSeconds;  // call
extern const Metric kDnsQueries;        // result

// What ends or ages by itself.
extern const Metric kCertificateExpires;  // listener
extern const Metric kDkimKeyAge;          // channel, selector

// The process.
extern const Metric kEventLoopLagSeconds;
extern const Metric kEscapedExceptions;
extern const Metric kSeriesRefused;
extern const Metric kReady;
extern const Metric kHeld;  // by
extern const Metric kConfigDiffers;
extern const Metric kResidentMemory;
extern const Metric kCpuSeconds;
extern const Metric kOpenFiles;
extern const Metric kMaxFiles;
extern const Metric kStartTime;
extern const Metric kBuildInfo;  // version

}  // namespace hongyan::metrics
