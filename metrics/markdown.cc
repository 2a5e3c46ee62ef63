#include "metrics/catalogue.h"
#include "metrics/exposition.h"

namespace hongyan::metrics {
namespace {

void append_metric(const Metric& metric, std::string& out) {
  out += "### `" + std::string(metric.name);
  for (std::size_t i = 0; i < metric.labels.size(); ++i)
    out += (i == 0 ? "{" : ",") + std::string(metric.labels[i]);
  out += metric.labels.empty() ? "`\n\n" : "}`\n\n";
  out += std::string(kind_name(metric.kind)) + ", " + std::string(metric.unit) + ". " +
         std::string(metric.meaning) + "\n";
  if (!metric.bounds.empty()) {
    out += "\nBuckets:";
    for (const std::int64_t bound : metric.bounds)
      out += " " + format_bound(static_cast<double>(bound) / static_cast<double>(metric.scale));
    out += "\n";
  }
  // What names an alert of helm/hongyan/rules is one; the rest is for who looks at a dashboard.
  if (!metric.alert.empty())
    out += (metric.alert.starts_with("Hongyan") ? "\nAlert: " : "\nWatch: ") +
           std::string(metric.alert) + "\n";
  out += "\n";
}

}  // namespace

std::string catalogue_markdown() {
  std::string out =
      "# Metrics\n\nGenerated from `metrics/catalogue.cc` by `metrics_doc`; a test compares.\n"
      "Prometheus text format 0.0.4, integers in full. Labels are bounded: never a job, a domain "
      "or\n"
      "an address; `provider` is a named provider or `other`; `tenant` only under billing.\n\n"
      "## `/metrics`: this engine\n\n";
  for (const Metric* metric : catalogue())
    if (!metric->billing) append_metric(*metric, out);
  out +=
      "## `/metrics/billing`: the whole system, from the ledger\n\n"
      "Exact and monotonic across restarts and engines. Every engine shows the same: scrape "
      "one.\n\n";
  for (const Metric* metric : catalogue())
    if (metric->billing) append_metric(*metric, out);
  out.pop_back();
  return out;
}

}  // namespace hongyan::metrics
