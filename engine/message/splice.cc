#include "engine/message/splice.h"

namespace hongyan::message {

void Splice::clear() {
  pieces_.clear();
  runs_.clear();
  own_.clear();
  own_.reserve(1024);  // on the heap, so that moving a Splice moves no bytes
  closed_ = size_ = 0;
}

void Splice::close_run() {
  if (own_.size() == closed_) return;
  runs_.push_back({pieces_.size(), closed_});
  pieces_.push_back(std::string_view(own_).substr(closed_));
  size_ += own_.size() - closed_;
  closed_ = own_.size();
}

void Splice::fixed(std::string_view piece) {
  if (piece.empty()) return;
  close_run();
  pieces_.push_back(piece);
  size_ += piece.size();
}

void Splice::finish() {
  close_run();
  for (const Run& run : runs_)
    pieces_[run.piece] = {own_.data() + run.offset, pieces_[run.piece].size()};
}

}  // namespace hongyan::message
