/** What the checks of the doctor say: environment, in Chinese. */

import type { Texts } from '../../words.ts'

export const doctorEnvironmentMade: Texts = {
  Disk: '磁盘',
  'free disk space': '剩余多少空间',
  'unknown use': '用途未知',
  'its free space could not be determined': '无法得知剩余空间',
  'A hung file system blocks every process that accesses it. Check the mount.':
    '没有响应的文件系统会卡住所有访问它的程序。',
  '{0}: not writable by this user': '{0}：当前用户不能写入',
  'Choose a folder that this user owns.': '指定属于此用户的目录。',
  'Mount it read-write, or run as its owner.': '以可写方式挂载，或以其所有者运行。',
  '{0}: {1} of {2} inodes are free, so no files can be created despite free space':
    '{0}：{2} 个 inode 还剩 {1} 个，有空间也无法建文件',
  'Find the folder with the many small files.': '找出含有大量小文件的目录。',
  '{0}: {1} of {2} free': '{0}：剩余 {1}，共 {2}',
  'Free disk space.': '腾出空间。',
  'Free disk space: a 7B model in 4 bits needs 4.4 GiB.': '腾出空间：4 位的 7B 模型需要 4.4 GiB。',
  'Model file system': '模型所在文件系统',
  'the file system of the models': '模型在什么文件系统上',
  'models are on {0} ({1}): memory-mapped files are read over the network page by page at every cold start':
    '模型在 {0}（{1}）上：映射的文件每次冷启动都要经网络逐页读取',
  'Keep models on a local disk, or disable memory mapping.': '把模型放在本地磁盘，或整体读入。',
  "models are in the container's writable layer ({0}): each new container downloads them again":
    '模型在容器自己的层中（{0}）：每个新容器都要重新下载',
  'Mount a volume there.': '在那里挂载一个卷。',
  'Shared memory': '共享内存',
  'the size of /dev/shm': '/dev/shm 的大小',
  '/dev/shm: {0} of {1} free': '/dev/shm：剩余 {0}，共 {1}',
  '{0}, the container default: NCCL and data loaders fail with "No space left on device" or SIGBUS':
    '{0}，这是容器的默认值：NCCL 和数据加载器会因“No space left on device”或 SIGBUS 结束',
  'In Kubernetes, mount an emptyDir with medium Memory at /dev/shm.':
    '在 Kubernetes 中把 medium 为 Memory 的 emptyDir 挂载到 /dev/shm。',
  'Remove files left by processes that have exited.': '删除已结束进程的残留。',
  glibc: 'glibc',
  'the version of glibc': 'glibc 的版本',
  'glibc exists only on Linux': '只有 Linux 有 glibc',
  'this Node.js uses musl (as in Alpine), not glibc: the prebuilt llama.cpp does not load':
    '此 Node.js 不用 glibc（musl，如 Alpine）：预编译的 llama.cpp 无法加载',
  'Use a glibc-based image.': '使用带 glibc 的镜像。',
  'glibc {0} is older than {1}, which the prebuilt llama.cpp needs':
    'glibc {0} 低于预编译 llama.cpp 所需的 {1}',
  'Use Debian 12, Ubuntu 22.04, RHEL 9 or newer, or a container of one of them.':
    '使用 Debian 12、Ubuntu 22.04、RHEL 9 或更新版本，或其容器。',
  'the llama.cpp library': 'llama.cpp 能否加载',
  'llama.cpp cannot be loaded: {0}': 'llama.cpp 在这里无法运行：{0}',
  'Reinstall the packages.': '重新安装软件包。',
  'the llama.cpp self-test': 'llama.cpp 能否计算',
  '{0} loaded and generated {1} in {2}': '{0}已加载，{2} 内给出{1}',
  'a small model': '一个小模型',
  'the tensor addon is not built; only training and CLIP models need it':
    '这里没有编译张量插件；只有训练和双塔模型需要它',
  'the libtorch library': 'libtorch 能否加载',
  'libtorch cannot be loaded: {0}': 'libtorch 在这里无法运行：{0}',
  'Rebuild the addon against the installed libtorch.': '针对现有的 libtorch 编译插件。',
  'the libtorch self-test': 'libtorch 能否计算',
  'with CUDA': '带 CUDA',
  'CPU only': '用于处理器',
  'Open files': '打开的文件',
  'the open-file limit': '可以打开多少文件',
  'limit of {0} open files': '可打开 {0} 个',
  'the open-file limit is {0}: the service accepts at most {1} of its {2} connections':
    '最多可打开 {0} 个文件：服务的 {2} 个连接中最多接受 {1} 个',
  'Raise the limit: LimitNOFILE in the systemd unit, or --ulimit with docker.':
    '提高上限：systemd 单元的 LimitNOFILE，docker 的 --ulimit。',
  Processes: '进程',
  'the process limit': '可以有多少进程',
  'limit of {0} threads and processes': '{0} 个线程和进程',
  'limit of {0} threads and processes: an engine uses dozens, and a training rank one per processor':
    '{0} 个线程和进程：一个引擎有几十个，一个训练 rank 与处理器一样多',
  'Raise the limit: TasksMax in the systemd unit, or --pids-limit with docker.':
    '提高上限：systemd 单元的 TasksMax，docker 的 --pids-limit。',
  Memory: '内存',
  'the kernel OOM-killed {0} in this cgroup': '内核因内存不足结束了此 cgroup 的 {0}',
  "Raise the container's memory limit, or use a smaller quantization or a shorter context.":
    '提高容器的上限，或少占一些：更小的量化，更短的上下文。',
  '{0} of {1} available{2}': '可用 {0}，共 {1}{2}',
  '; the machine has {0}, but the cgroup limit applies': '；机器有 {0}，以 cgroup 的上限为准',
  'Find the processes that use it.': '看看是谁占用。',
  Swap: '交换空间',
  'swap usage': '有多少交换空间',
  "{0} of {1} swap in use: an engine's swapped-out pages are read back from disk one by one":
    '{1} 中的 {0} 已换出：引擎需要其中内容时要从磁盘逐页读取',
  'Free memory, then swap pages back in, or lock the weights in memory with --lock-memory.':
    '释放内存，然后换回；或用 --lock-memory 把权重留在内存中。',
  '{0} of {1} in use': '已用 {0}，共 {1}',
  Overcommit: '过量分配',
  'memory overcommit is allowed': '内存在使用时才计入',
  'the memory overcommit policy': '内存能否预先许诺',
  'vm.overcommit_memory is 2: memory counts when it is reserved{0}. Node.js, CUDA and forks reserve far more than they use':
    'vm.overcommit_memory 为 2：内存一经申请就计入{0}；Node.js、CUDA 和 fork 申请的远多于实际使用',
  ', with {0} left': '，还剩 {0}',
  'Allow overcommit.': '让内核按使用量计算。',
  'Huge pages': '大页',
  '{0} reserved as huge pages are unused: llama.cpp and libtorch do not use them':
    '{0} 被预留为没有人使用的大页：llama.cpp 和 libtorch 都不申请大页',
  'Release them, unless a database on this machine uses them.': '归还它们，除非这里的数据库需要。',
  'transparent huge pages are off: large weights cause more TLB misses':
    '透明大页已关闭：大权重的地址查找开销更大',
  'Enable them for processes that request them.': '允许申请者使用。',
  'the state of transparent huge pages': '是否有透明大页',
  'transparent huge pages: {0}': '透明大页：{0}',
  'the Node.js version': 'Node.js 的版本',
  'version {0} is too old: Hadal needs {1} or newer': '版本 {0} 低于 Hadal 所需的 {1}',
  'Install Node.js 22 or newer.': '安装 Node.js 22 或更新版本。',
  'version {0}: its release line has had no security fixes since {1}':
    '版本 {0}：其系列自 {1} 起没有安全修复',
  'Install a maintained release.': '安装仍在维护的系列。',
  'version {0}: odd-numbered releases are maintained for only half a year': '版本 {0}：奇数系列只维护半年',
  'Install an even-numbered (LTS) release.': '安装偶数系列。',
  'Node.js options': 'Node.js 选项',
  'NODE_OPTIONS exposes the debugger to other machines: anyone who connects can run code':
    'NODE_OPTIONS 向其他机器开放了调试器：连接者可在此运行代码',
  'Remove --inspect from NODE_OPTIONS.': '从 NODE_OPTIONS 中去掉 --inspect。',
  'NODE_OPTIONS allows a heap of {0} MiB, but only {1} MiB exist: the kernel would kill the process before Node.js collects garbage':
    'NODE_OPTIONS 允许 {0} MiB 的堆，而内存有 {1} MiB：内核会在 Node.js 回收之前结束进程',
  'Set the heap to half of the memory. Weights are outside the heap.': '允许内存的一半；权重在堆之外。',
  'LD_PRELOAD loads {0} into every process': 'LD_PRELOAD 把 {0} 装入每个进程',
  'If processes crash, try without it.': '如果有程序崩溃，去掉它再试。',
  'NODE_OPTIONS is not set or has no risky options': 'NODE_OPTIONS 没有内容',
  User: '用户',
  'this system has no user ids': '此系统没有用户编号',
  'the user': '用户',
  'runs as user {0}': '以用户 {0} 运行',
  'runs as root in a container': '在容器中以 root 运行',
  'runs as root': '以 root 运行',
  'The server does not need root. Run it as a dedicated user. In Kubernetes, `hadal deploy render` sets this.':
    '服务器不需要 root：以单独的用户运行。在 Kubernetes 中由 `hadal deploy render` 负责。',
  Proxies: '代理',
  'the proxy variables': '代理变量',
  'no proxy variable is set': '没有变量指定代理',
  '{0} is set, but Node.js ignores it: models are downloaded directly':
    '设置了 {0}，但 Node.js 不经过它：模型会直接下载',
  'If the proxy is the only way out, use Node.js 24 or newer with NODE_USE_ENV_PROXY=1, or download models elsewhere and serve the file.':
    '如果只能经代理访问外部，使用 Node.js 24 或更新版本并声明；或在别处下载模型，再提供文件。',
  '{0} is used, except for this machine': '使用 {0}，但不用于本机',
  '{0} also applies to this machine: NO_PROXY does not list it, so requests to upstreams on localhost go through the proxy':
    '使用 {0}，也用于本机：NO_PROXY 中没有本机，localhost 上的上游会经代理访问',
  'Add this machine to NO_PROXY.': '把本机写入 NO_PROXY。',
  Clock: '时钟',
  'the clock is set to {0}: certificates and tokens are rejected': '时钟为 {0}：证书和令牌会被拒绝',
  'Set the clock and enable NTP.': '设置时钟，并用 NTP 保持。',
  'synchronized by NTP': '由 NTP 保持',
  'NTP is off: the clock drifts, and metrics of several machines do not line up':
    '没有程序保持时钟：会漂移，多台机器的指标对不上',
  'Enable NTP.': '打开 NTP。',
  'NTP synchronization is not visible in a container': '与所有容器一样，这里无法得知是否有程序保持时钟',
  'int8 matrix products': 'int8 矩阵乘',
  'dot products': '点积',
  'Processor features': '处理器特性',
  'the processor features': '处理器支持什么',
  'the processor has no 8-bit dot product instructions: quantized models are several times slower':
    '处理器没有 8 位数的点积：量化模型会慢数倍',
  'Use an Armv8.2 or newer processor (Neoverse N1, Apple M1).':
    '使用 Armv8.2 或更新的处理器（Neoverse N1、Apple M1）。',
  'no {0}: llama.cpp falls back to its slowest kernels': '没有 {0}：llama.cpp 退回到最慢的核函数',
  'no SSE 4.2: the kernels of llama.cpp do not run here (SIGILL)':
    '没有 SSE 4.2：llama.cpp 的核函数无法在这里运行（SIGILL）',
  'In a virtual machine, pass the host CPU features through (QEMU: -cpu host).':
    '虚拟机只显示被指定的特性：直通处理器（QEMU：-cpu host）。',
  'Use a processor from 2013 or later.': '使用 2013 年或更新的处理器。',
  Cores: '核',
  '{0} processors on {1} cores': '{1} 个核上的 {0} 个处理器',
  'the cgroup limits': 'cgroup 的上限',
  '{0} visible, but the cgroup allows {1}': '看到 {0} 个，而 cgroup 允许 {1} 个',
  '{0}: engine steps are throttled until the next quota period':
    '{0}：引擎的每一步都会在中途停下，直到下一个周期',
  'Give the container whole processors: `resources.limits.cpu` in Kubernetes, or `--cpus` with docker.':
    '给容器整数个处理器：Kubernetes 中的 `resources.limits.cpu`，docker 的 `--cpus`。',
  '{0}; OMP_NUM_THREADS={1} matches': '{0}；OMP_NUM_THREADS={1} 与之相符',
  '{0}: OpenMP, BLAS and libtorch start {1} threads that compete for them':
    '{0}：OpenMP、BLAS 和 libtorch 启动 {1} 个线程并互相等待',
  'Set the number of threads.': '指定线程数。',
  'Processor time': '处理器时间',
  'the throttling of the cgroup': 'cgroup 是否被限流',
  'no CPU quota applies to this process': '没有配额限制此进程',
  'throttled by its CPU quota in {0} of periods': '{0} 的周期内被配额停止',
  'the CPU quota throttled this cgroup in {0} of {1} periods: latency has gaps of up to 100 ms':
    '{1} 个周期中有 {0} 个被配额停止：延迟会出现最多 100 毫秒的间断',
  "Raise the container's CPU limit, or start fewer threads.": '提高容器的上限，或少启动一些线程。',
  'Thread variables': '线程变量',
  'the thread variables': '线程的变量',
  '{0}={1} is not a valid number of threads and is ignored': '{0}={1} 不是线程数，被忽略',
  'Set a whole number.': '写一个整数。',
  '{0}={1} on {2} processors: threads are oversubscribed, and each waits for the slowest':
    '{2} 个处理器上 {0}={1}：线程轮流运行，都在等待最慢的',
  'Set at most the number of processors.': '最多写实际的处理器数。',
  'OMP_NUM_THREADS=1: training uses one of {0} processors':
    'OMP_NUM_THREADS=1：训练只用 {0} 个处理器中的一个计算',
  'This is correct for several ranks on one machine. Otherwise, raise it.':
    '本机上有多个 rank 时是对的；否则提高它。',
  'OMP_PROC_BIND={0} pins threads to processors: two such processes on one machine share the same ones':
    'OMP_PROC_BIND={0} 把线程绑定到处理器：同一机器上的两个这样的进程会共用最前面的处理器',
  'With several ranks, set OMP_PLACES for each, or do not pin threads.':
    '多个 rank 时给每个各自的 OMP_PLACES，或不绑定。',
  'none is set: each library detects the processors itself': '没有设置：各库自行计算处理器数',
  '{0}={1} is not a list of processors': '{0}={1} 不是处理器列表',
  'Remove it, or use a range such as 0-3.': '去掉它，或写成 0-3 的形式。',
  '{0}={1} pins all threads to {2} of {3} processors': '{0}={1} 把所有线程绑定到 {3} 个处理器中的 {2} 个',
  'Remove it, or list one processor per thread.': '去掉它，或写出与线程数相同的处理器。',
  'no system BLAS: libtorch wheels include their own': '没有系统的 BLAS：wheel 中的 libtorch 自带',
  'the system BLAS': '有哪个 BLAS',
  "OpenBLAS has its own thread pool next to libtorch's OpenMP: each starts one thread per processor":
    'OpenBLAS 在 libtorch 的 OpenMP 之外另有线程：两者都启动与处理器一样多的线程',
  'Install the OpenMP build, which shares the threads.': '安装共用线程的版本。',
  'OpenBLAS without threads: large matrix products use one processor':
    '没有线程的 OpenBLAS：大矩阵乘只用一个处理器',
  'Install the OpenMP build.': '安装带 OpenMP 的版本。',
  'the reference BLAS is installed: matrix products are about ten times slower than with OpenBLAS':
    '参考实现的 BLAS：矩阵乘比应有的慢十倍',
  'Install OpenBLAS with OpenMP.': '安装带 OpenMP 的 OpenBLAS。',
  'OpenBLAS with OpenMP': '带 OpenMP 的 OpenBLAS',
}
