#include "process-group.h"

#if HADAL_GLOO

#include "error.h"

#include <ATen/record_function.h>
#include <c10/util/Flags.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#if HADAL_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <algorithm>
#include <future>
#include <netdb.h>
#include <numeric>
#include <sstream>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

C10_DECLARE_int(caffe2_log_level);

namespace hadal {

namespace {

// The gloo backend, whose connections can be cut: its peers, and works under way, then fail at once.
struct Gloo final : c10d::ProcessGroupGloo {
  using ProcessGroupGloo::ProcessGroupGloo;
  void sever() {
    for (auto& context : contexts_) context->closeConnections();
  }
};

struct TimedOut : std::exception {};

// What `body` returns. The store's calls wait for ever for a process that hangs, so they are made on a thread that may
// be left behind.
template <class Body>
auto within(Millis deadline, Body body) {
  using Result = decltype(body());
  auto task = std::make_shared<std::packaged_task<Result()>>(std::move(body));
  auto result = task->get_future();
  std::thread([task] { (*task)(); }).detach();
  if (result.wait_for(deadline) == std::future_status::timeout) throw TimedOut();
  return result.get();
}

std::string reasonOf(std::exception_ptr error) {
  std::string reason;
  try {
    std::rethrow_exception(error);
  } catch (const c10::Error& e) {
    reason = e.what_without_backtrace();
  } catch (const Fault& fault) {
    reason = fault.message;
  } catch (const std::exception& e) {
    reason = e.what();
  }
  // A person needs what stands before the addresses of the stack.
  return reason.substr(0, reason.find("\nException raised from"));
}

// The address of this machine that reaches the master.
std::string ownAddress(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return "";
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, freeaddrinfo);
  for (const addrinfo* at = found; at; at = at->ai_next) {
    const int socketOf = ::socket(at->ai_family, SOCK_DGRAM, 0);
    if (socketOf < 0) continue;
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    char text[NI_MAXHOST];
    // Sends nothing: it only settles which way packets would take.
    const bool known = ::connect(socketOf, at->ai_addr, at->ai_addrlen) == 0 &&
                       ::getsockname(socketOf, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
                       ::getnameinfo(reinterpret_cast<sockaddr*>(&own), length, text, sizeof text, nullptr, 0,
                                     NI_NUMERICHOST) == 0;
    ::close(socketOf);
    if (known) return text;
  }
  return "";
}

std::shared_ptr<::gloo::transport::Device> glooDevice(const Join& join) {
  if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME"))
    return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
  const std::string own = ownAddress(join.masterAddr, join.masterPort);
  return own.empty() ? c10d::ProcessGroupGloo::createDefaultDevice()
                     : c10d::ProcessGroupGloo::createDeviceForHostname(own);
}

std::string listOf(const std::vector<int64_t>& ranks) {
  std::string out;
  for (const int64_t rank : ranks) out += (out.empty() ? "" : ", ") + std::to_string(rank);
  return out;
}

}  // namespace

Group::Group(std::shared_ptr<World> world, std::string prefix, std::vector<int64_t> ranks, int rank)
    : world_(std::move(world)), prefix_(std::move(prefix)), ranks_(std::move(ranks)), rank_(rank) {
  store_ = c10::make_intrusive<c10d::PrefixStore>(prefix_, world_->store);
  const std::lock_guard<std::mutex> lock(world_->mutex);
  world_->groups.push_back(this);
}

Group::~Group() {
  {
    const std::lock_guard<std::mutex> lock(world_->mutex);
    auto& groups = world_->groups;
    groups.erase(std::remove(groups.begin(), groups.end(), this), groups.end());
  }
  // Not closed: the thread or the process ends. Peers that wait learn of it; nobody here may wait for them.
  sever();
  backend_.release();
}

void Group::connect() {
  const Join& join = world_->join;
#if HADAL_NCCL
  if (join.backend == "nccl") {
    auto options = c10d::ProcessGroupNCCL::Options::create();
    options->timeout = join.timeout;
    backend_ = c10::make_intrusive<c10d::ProcessGroupNCCL>(store_, rank_, size(), options);
    return;
  }
#endif
  auto options = c10d::ProcessGroupGloo::Options::create(join.timeout);
  options->devices.push_back(glooDevice(join));
  // Two works at once: a broadcast need not wait for a large all-reduce.
  options->threads = 2;
  const auto make = [store = store_, rank = rank_, count = size(), options] {
    return c10::intrusive_ptr<c10d::Backend>(c10::make_intrusive<Gloo>(store, rank, count, options));
  };
  backend_ = within(join.timeout, make);
}

c10::intrusive_ptr<Group> Group::join(const Join& join) {
  // c10d would write of the output as an error anyway: only what ends the process.
  FLAGS_caffe2_log_level = std::max(FLAGS_caffe2_log_level, 3);
  c10d::TCPStoreOptions options;
  options.port = join.masterPort;
  options.isServer = join.rank == 0 && !join.storeElsewhere;
  if (!join.storeElsewhere) options.numWorkers = static_cast<size_t>(join.size);
  options.waitWorkers = !join.storeElsewhere;
  options.timeout = join.timeout;
  // Debian builds libtorch without libuv.
  options.useLibUV = false;
  auto world = std::make_shared<World>();
  world->join = join;
  try {
    world->store = within(join.timeout + Millis(1000), [host = join.masterAddr, options] {
      return c10::intrusive_ptr<c10d::Store>(c10::make_intrusive<c10d::TCPStore>(host, options));
    });
    std::vector<int64_t> ranks(static_cast<size_t>(join.size));
    std::iota(ranks.begin(), ranks.end(), 0);
    auto group = c10::intrusive_ptr<Group>::unsafe_steal_from_new(
        new Group(world, "hadal/" + join.attempt, std::move(ranks), join.rank));
    group->connect();
    return group;
  } catch (const TimedOut&) {
    throw Fault("join", "not all " + std::to_string(join.size) + " processes came within " +
                            std::to_string(join.timeout.count()) + " ms");
  } catch (...) {
    throw Fault("join", reasonOf(std::current_exception()));
  }
}

c10::intrusive_ptr<Group> Group::subgroup(const std::vector<int64_t>& ranks) {
  const std::string what = begin("subgroup", {});
  const std::string prefix = prefix_ + "/" + std::to_string(subgroups_++);
  for (const int64_t rank : ranks)
    if (std::find(ranks_.begin(), ranks_.end(), rank) == ranks_.end())
      throw Fault("argument", "rank " + std::to_string(rank) + " is not in the group of ranks " + listOf(ranks_));
  const auto self = std::find(ranks.begin(), ranks.end(), ranks_[static_cast<size_t>(rank_)]);
  if (self == ranks.end()) return {};
  auto group = c10::intrusive_ptr<Group>::unsafe_steal_from_new(
      new Group(world_, prefix, ranks, static_cast<int>(self - ranks.begin())));
  if (group->size() == 1) return group;
  try {
    group->connect();
  } catch (const TimedOut&) {
    lose("subgroup of ranks " + listOf(ranks), "its members did not come in time");
  } catch (...) {
    lose("subgroup of ranks " + listOf(ranks), reasonOf(std::current_exception()));
  }
  return group;
}

bool Group::isGloo() const { return dynamic_cast<const Gloo*>(backend_.get()) != nullptr; }

void Group::sever() {
  if (auto* gloo = dynamic_cast<Gloo*>(backend_.get())) gloo->sever();
#if HADAL_NCCL
  if (auto* nccl = dynamic_cast<c10d::ProcessGroupNCCL*>(backend_.get())) nccl->abort();
#endif
}

void Group::close() {
  if (!backend_) return;
  if (underWay_ > 0) {
    sever();
    // Its destructor would wait for the works; the end of the process frees it.
    backend_.release();
  } else {
    backend_.reset();
  }
}

void Group::lose(const std::string& what, const std::string& reason) {
  std::string message;
  {
    const std::lock_guard<std::mutex> lock(world_->mutex);
    message = what + ": " + (world_->lost.empty() ? reason : world_->lost);
    if (!world_->lost.empty()) throw Fault("peer_lost", message);
    world_->lost = "the group had lost a peer before, in " + what;
    // The others learn of it now and not when their own time is out.
    for (Group* group : world_->groups) group->sever();
  }
  throw Fault("peer_lost", message + silentRanks());
}

// Everyone who loses a peer says so in the store; who says nothing is the one that was lost.
std::string Group::silentRanks() {
  constexpr Millis kPatience(2000);
  const auto store = world_->store;
  const std::string prefix = "hadal/" + world_->join.attempt + "/lost/";
  const int64_t own = ranks_[static_cast<size_t>(rank_)];
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  try {
    within(kPatience, [=] { store->set(prefix + std::to_string(own), std::vector<uint8_t>{1}); });
    std::vector<int64_t> silent;
    for (const int64_t rank : ranks_) {
      if (rank == own) continue;
      const auto left = std::max(Millis(50), std::chrono::duration_cast<Millis>(
                                                 deadline - std::chrono::steady_clock::now()));
      const bool heard = within(left + Millis(500), [=] {
        try {
          store->wait({prefix + std::to_string(rank)}, left);
          return true;
        } catch (const c10::DistStoreError&) {
          return false;
        }
      });
      if (!heard) silent.push_back(rank);
    }
    if (silent.empty()) return "";
    return "; no word from rank" + std::string(silent.size() > 1 ? "s " : " ") + listOf(silent);
  } catch (...) {
    return "; no word from rank 0, which keeps the store";
  }
}

std::string Group::begin(const char* collective, const at::Tensor& tensor) {
  std::ostringstream what;
  what << collective;
  if (tensor.defined()) what << " of " << c10::toString(tensor.scalar_type()) << tensor.sizes();
  what << " among ranks " << listOf(ranks_);
  if (!backend_) throw Fault("closed", what.str() + ": the process group is closed");
  const std::lock_guard<std::mutex> lock(world_->mutex);
  if (!world_->lost.empty()) throw Fault("peer_lost", what.str() + ": " + world_->lost);
  return what.str();
}

Pending Group::started(std::string what, c10::intrusive_ptr<c10d::Work> work, std::function<at::Tensor()> finish) {
  underWay_++;
  return Pending{c10::intrusive_ptr<Group>::reclaim_copy(this), std::move(work), std::move(what), std::move(finish)};
}

at::Tensor Pending::wait() {
  // What profilers show it as.
  RECORD_USER_SCOPE("wait:ranks");
  if (work) {
    const auto waited = std::move(work);
    group->underWay_--;
    try {
      waited->wait();
    } catch (...) {
      group->lose(what, reasonOf(std::current_exception()));
    }
    // gloo's thread lets go of the tensors a moment later. The last to do so should be this one, where memory is counted.
    for (int i = 0; i < 1000 && group->isGloo() && waited.use_count() > 1; i++) std::this_thread::yield();
  }
  return finish ? finish() : at::Tensor();
}

void Group::set(const std::string& key, const std::string& text) {
  try {
    within(world_->join.timeout, [store = store_, key, bytes = std::vector<uint8_t>(text.begin(), text.end())] {
      store->set("text/" + key, bytes);
    });
  } catch (...) {
    throw Fault("peer_lost", "store.set('" + key + "'): whoever keeps the store does not answer");
  }
}

std::string Group::get(const std::string& key, Millis timeout) {
  const std::string what = "store.get('" + key + "')";
  try {
    const auto bytes = within(timeout + Millis(1000), [store = store_, key, timeout] {
      store->wait({"text/" + key}, timeout);
      return store->get("text/" + key);
    });
    return std::string(bytes.begin(), bytes.end());
  } catch (const c10::DistStoreError&) {
    throw Fault("peer_lost", what + ": nobody set it within " + std::to_string(timeout.count()) + " ms");
  } catch (...) {
    throw Fault("peer_lost", what + ": whoever keeps the store does not answer");
  }
}

bool Group::has(const std::string& key) {
  try {
    return within(world_->join.timeout, [store = store_, key] { return store->check({"text/" + key}); });
  } catch (...) {
    throw Fault("peer_lost", "store.has('" + key + "'): whoever keeps the store does not answer");
  }
}

}  // namespace hadal

#endif  // HADAL_GLOO
