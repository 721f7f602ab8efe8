// A c10d process group: joining, collectives, and the handling of lost members. Without gloo's headers HADAL_GLOO is 0 and this is
// empty.
#pragma once

// HADAL_GLOO and HADAL_NCCL come from the build, 1 where the headers are there: scripts/find-libtorch.mjs.
#if HADAL_GLOO
#define USE_C10D_GLOO
#if HADAL_NCCL
#define USE_C10D_NCCL
#endif

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hadal {

using Millis = std::chrono::milliseconds;
// Rows of dimension 0, one count for each member.
using Splits = std::vector<int64_t>;

struct Join {
  std::string masterAddr;
  uint16_t masterPort;
  int rank, size;
  Millis timeout;
  std::string backend;
  // Someone else keeps the store at the master's address: rank 0 does not.
  bool storeElsewhere;
  // Keeps the keys of one start of the job apart from those of the next.
  std::string attempt;
};

class Group;

// What all groups of one join share.
struct World {
  c10::intrusive_ptr<c10d::Store> store;
  Join join;
  std::mutex mutex;
  std::vector<Group*> groups;
  // Why nothing can be sent any more; empty while everything can.
  std::string lost;
};

// One collective on its way.
struct Pending {
  c10::intrusive_ptr<Group> group;
  c10::intrusive_ptr<c10d::Work> work;
  std::string what;
  // Makes the result of what arrived.
  std::function<at::Tensor()> finish;

  // Waits for it. Throws Fault("peer_lost") naming the collective when a peer is gone or does not answer.
  at::Tensor wait();
};

// Held by autograd nodes too, which is why it is counted.
class Group final : public torch::CustomClassHolder {
 public:
  // Blocks until all members are there. Throws Fault("join") when they are not in time.
  static c10::intrusive_ptr<Group> join(const Join& join);
  // Every member of this group calls it; one that is not among `ranks` (world ranks) gets null.
  c10::intrusive_ptr<Group> subgroup(const std::vector<int64_t>& ranks);
  ~Group() override;

  int size() const { return static_cast<int>(ranks_.size()); }
  int rank() const { return rank_; }
  const std::vector<int64_t>& ranks() const { return ranks_; }
  double sentBytes() const { return sentBytes_; }

  Pending allReduce(const at::Tensor& tensor, const std::string& op);
  Pending broadcast(const at::Tensor& tensor, int64_t root);
  // Without splits all parts are equal.
  Pending allGather(const at::Tensor& tensor, const Splits& splits = {});
  Pending reduceScatter(const at::Tensor& tensor, const Splits& splits = {});
  Pending allToAll(const at::Tensor& tensor, Splits inputSplits, Splits outputSplits);
  Pending barrier();

  void set(const std::string& key, const std::string& text);
  std::string get(const std::string& key, Millis timeout);
  bool has(const std::string& key);

  // Nothing can be sent afterwards; works that are under way fail.
  void close();

 private:
  friend struct Pending;
  Group(std::shared_ptr<World> world, std::string prefix, std::vector<int64_t> ranks, int rank);
  void connect();
  bool isGloo() const;
  void sever();
  // Ends all groups of the world because `what` failed, and throws.
  [[noreturn]] void lose(const std::string& what, const std::string& reason);
  std::string silentRanks();
  // "all-reduce float32[3] of ranks 0, 1"; throws when the group is closed or lost.
  void checkSplits(const Splits& splits) const;
  std::string begin(const char* collective, const at::Tensor& tensor);
  Pending started(std::string what, c10::intrusive_ptr<c10d::Work> work, std::function<at::Tensor()> finish);

  std::shared_ptr<World> world_;
  std::string prefix_;
  std::vector<int64_t> ranks_;
  int rank_;
  int subgroups_ = 0;
  std::atomic<int> underWay_{0};
  double sentBytes_ = 0;
  c10::intrusive_ptr<c10d::Store> store_;
  c10::intrusive_ptr<c10d::Backend> backend_;
};

}  // namespace hadal

#endif  // HADAL_GLOO
