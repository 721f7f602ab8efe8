// A libmpi.so.40 that fails cleanly, loaded in place of Open MPI's. Debian's libtorch and gloo are linked to that one,
// and it brings UCX, which probes memory next to V8's code (crashes at load) and replaces the SIGSEGV handler that
// WebAssembly's bounds checks need. Nothing here uses MPI: torch's MPI process group gets an error from its first call.

namespace {
constexpr int kFailure = 16;  // MPI_ERR_OTHER
}

#define EXPORT extern "C" __attribute__((visibility("default")))
#define FAILS(name) \
  EXPORT int name() { return kFailure; }
// As large as Open MPI's largest: only their addresses are taken.
#define OBJECT(name) \
  EXPORT char name[2048]; \
  char name[2048];

FAILS(MPI_Abort)
FAILS(MPI_Allgather)
FAILS(MPI_Allreduce)
FAILS(MPI_Alltoall)
FAILS(MPI_Alltoallv)
FAILS(MPI_Barrier)
FAILS(MPI_Bcast)
FAILS(MPI_Comm_create)
FAILS(MPI_Comm_dup)
FAILS(MPI_Comm_free)
FAILS(MPI_Comm_group)
FAILS(MPI_Comm_rank)
FAILS(MPI_Comm_size)
FAILS(MPI_Finalize)
FAILS(MPI_Gather)
FAILS(MPI_Group_free)
FAILS(MPI_Group_incl)
FAILS(MPI_Init)
FAILS(MPI_Init_thread)
FAILS(MPI_Initialized)
FAILS(MPI_Irecv)
FAILS(MPI_Isend)
FAILS(MPI_Reduce)
FAILS(MPI_Scatter)
FAILS(MPI_Test)
FAILS(MPI_Wait)

EXPORT int MPI_Error_string(int, char* text, int* length) {
  const char message[] = "this process runs without MPI";
  for (unsigned i = 0; i < sizeof message; i++) text[i] = message[i];
  *length = static_cast<int>(sizeof message - 1);
  return 0;
}

// Whether MPI can read GPU memory: no.
EXPORT int MPIX_Query_cuda_support() { return 0; }

OBJECT(ompi_mpi_byte)
OBJECT(ompi_mpi_char)
OBJECT(ompi_mpi_comm_null)
OBJECT(ompi_mpi_comm_world)
OBJECT(ompi_mpi_double)
OBJECT(ompi_mpi_float)
OBJECT(ompi_mpi_int)
OBJECT(ompi_mpi_long)
OBJECT(ompi_mpi_op_max)
OBJECT(ompi_mpi_op_min)
OBJECT(ompi_mpi_op_prod)
OBJECT(ompi_mpi_op_sum)
OBJECT(ompi_mpi_short)
OBJECT(ompi_mpi_unsigned_char)
OBJECT(ompi_mpi_unsigned_long)
OBJECT(ompi_request_null)
