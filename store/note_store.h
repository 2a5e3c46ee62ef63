#pragma once

#include "store/job_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::store {

// What of a mailbox waits to be mailed to whom it names in `notify` (functions/94_notes.lua). News
// are noted in the step that stores them.
//
// Thread: the store's. Errors: those of JobStore::call.
class NoteStore {
 public:
  explicit NoteStore(JobStore& store) : store_(store) {}

  // What is no news of the store itself: trouble. Nothing happens when nobody is to be told.
  async::Task<Result<void>> add(std::string address, std::string type, std::string data);

  // Everything that waited when it was first asked for: the same, whoever asks again, until done().
  struct Batch {
    std::int64_t number = 0;  // rises within a mailbox, also when it is bound anew
    std::int64_t count = 0;   // noted; the first of them are in `notes`
    std::string to;
    std::vector<std::string> notes;  // {"type","at","data"}
  };
  // Nothing: none waits, or the last batch is not `every` old.
  async::Task<Result<std::optional<Batch>>> take(std::string address, Millis every);
  async::Task<Result<void>> done(std::string address, std::int64_t number);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
