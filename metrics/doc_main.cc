// Prints docs/METRICS.md: build/dev/metrics/metrics_doc > docs/METRICS.md
#include "metrics/catalogue.h"

#include <iostream>

int main() {
  std::cout << hongyan::metrics::catalogue_markdown();
}
