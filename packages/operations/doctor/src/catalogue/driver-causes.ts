/** The driver itself: not loaded, of two versions, not answering, or kept from the GPU by something else. */

import { advice, plainly, withFigure } from './advice.ts'
import type { Cause } from './cause.ts'
import { containerToolkit, fabricManager, nvidiaDriver, nvidiaSmi } from './sources.ts'

const noGpu: readonly string[] = [
  'driver_smi_failed',
  'cuda_no_device',
  'cuda_unknown',
  'cuda_not_initialized',
  'cuda_insufficient_driver',
  'torch_cuda_unavailable',
  'llama_no_gpu',
  'vllm_no_platform',
  'vllm_engine_died',
  'k8s_device_unhealthy',
]

export const driverCauses: readonly Cause[] = [
  {
    id: 'driver_mismatch',
    family: 'driver',
    title: 'Kernel module and library of the driver differ',
    severity: 'critical',
    weight: 5,
    shows: [
      /Failed to initialize NVML: Driver\/library version mismatch/,
      /NVRM: API mismatch: the client has the version (?<library>[\d.]{3,16})/,
      /NVRM: API mismatch: the client '[^']{1,64}' \(pid \d{1,10}\)/,
      /nvml error: driver\/library version mismatch/i,
    ],
    explains: ['cuda_system_driver_mismatch', 'driver_not_found', 'k8s_container_create', ...noGpu],
    says: ({ library }) =>
      `The loaded kernel module of the driver and its libraries${withFigure(library, (version) => ` (${version})`)} are of different versions: it was updated and the old module stayed loaded.`,
    fix: advice(
      'Reboot; or end everything that uses the GPU and load the modules again.',
      'cat /proc/driver/nvidia/version; sudo rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia && sudo modprobe nvidia nvidia_uvm',
    ),
    source: nvidiaDriver,
  },
  {
    id: 'driver_not_loaded',
    family: 'driver',
    title: 'The NVIDIA kernel module is not loaded',
    severity: 'critical',
    weight: 5,
    shows: [
      /NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver/,
      /modprobe: FATAL: Module nvidia(?:_uvm|-uvm|-current)? not found in directory/,
      /modprobe: ERROR: could not insert 'nvidia(?:_uvm|_drm)?': (?<reason>.{1,80})/,
      /nvidia: version magic '(?<reason>[^']{1,100})' should be/,
    ],
    explains: ['driver_not_found', ...noGpu],
    says: ({ reason }) =>
      `The kernel module of the driver is not loaded${withFigure(reason, (text) => ` (${text})`)}: often the kernel was updated and the module not built for it, or Secure Boot refuses its signature.`,
    fix: advice(
      'See why it does not load; build it for the running kernel (dkms), with its headers installed.',
      'uname -r; dkms status; sudo modprobe nvidia; sudo dmesg -T | grep -iE "nvidia|secure" | tail',
    ),
    source: nvidiaDriver,
  },
  {
    id: 'driver_nouveau',
    family: 'driver',
    title: 'Another driver holds the GPU',
    severity: 'critical',
    weight: 5,
    shows: [
      /NVRM: The NVIDIA probe routine was not called for \d{1,3} device/,
      /conflicting (?:non-NVIDIA )?driver|NVRM: This can occur when a driver such as/,
      /nouveau .{0,80}(?:blacklist|is currently in use)/,
    ],
    explains: ['driver_not_loaded', 'driver_not_found', ...noGpu],
    says: plainly('Nouveau, vfio or another driver has taken the GPU before the NVIDIA driver.'),
    fix: advice(
      'Keep nouveau from loading, make the initial ram disk anew and reboot; with vfio, the GPU is given to a virtual machine.',
      'lspci -nnk | grep -A3 -i nvidia; echo "blacklist nouveau" | sudo tee /etc/modprobe.d/nouveau.conf',
    ),
    source: nvidiaDriver,
  },
  {
    id: 'driver_rm_init',
    family: 'driver',
    title: 'The driver could not start the GPU',
    severity: 'critical',
    weight: 5,
    shows: [
      /NVRM: (?:GPU (?<gpu>[0-9a-f:.]{7,16}): )?RmInitAdapter failed! \((?<code>[^)]{1,60})\)/i,
      /NVRM: rm_init_adapter failed/,
      /NVRM: This PCI I\/O region assigned to your NVIDIA device is invalid/,
      /NVRM: BAR\d is \d{1,6}M @ 0x0/,
    ],
    explains: noGpu,
    says: ({ gpu, code }) =>
      `The GPU${withFigure(gpu, (address) => ` at ${address}`)} did not start${withFigure(code, (text) => ` (${text})`)}: its memory window was not mapped, its firmware does not answer, or it is broken.`,
    fix: advice(
      'Reboot with the power off for a moment; switch on "Above 4G decoding" in the firmware; if it stays, have the GPU replaced.',
      'sudo dmesg -T | grep -i nvrm; lspci -vv -d 10de: | grep -i region',
    ),
    source: nvidiaDriver,
  },
  {
    id: 'driver_gpu_lost',
    family: 'driver',
    title: 'A GPU is lost',
    severity: 'critical',
    weight: 5,
    shows: [
      /Unable to determine the device handle for (?:GPU|gpu) ?(?<gpu>[0-9a-fA-F:.]{4,16}): (?:GPU is lost|Unknown Error|.{0,40}reboot)/,
      /\bGPU is lost\. ? ?Reboot the system to recover/,
      /\[GPU is lost\]/,
      /NVRM: GPU (?<gpu>[0-9a-fA-F:.]{7,16}): GPU has fallen off the bus/,
      /fallen off the bus and is not responding to commands/,
    ],
    explains: noGpu,
    says: ({ gpu }) => `The GPU${withFigure(gpu, (address) => ` at ${address}`)} does not answer any more.`,
    fix: advice(
      'Look for Xid 79 in the kernel log; reboot, and check power, cooling and seating if it comes again.',
      'sudo dmesg -T | grep -iE "nvrm|xid|pcie"; sudo reboot',
    ),
    source: nvidiaSmi,
  },
  {
    id: 'driver_smi_failed',
    family: 'driver',
    title: 'nvidia-smi sees no GPU',
    severity: 'critical',
    shows: [
      /^No devices were found$/,
      /Failed to initialize NVML: (?<reason>Unknown Error|Insufficient Permissions|GPU access blocked by the operating system|.{1,60})/,
    ],
    explains: ['torch_cuda_unavailable', 'llama_no_gpu'],
    says: ({ reason }) =>
      `nvidia-smi finds no GPU that it may use${withFigure(reason, (text) => ` (${text})`)}. In a container "Unknown Error" after a while means that the rights on /dev/nvidia* were taken away, mostly by systemctl daemon-reload.`,
    fix: advice(
      'In a container, start it again, and use the cgroupfs driver or CDI so that it does not return; on the host, look at the kernel log.',
      'ls -l /dev/nvidia*; sudo dmesg -T | grep -i nvrm | tail',
    ),
    source: containerToolkit,
  },
  {
    id: 'driver_smi_hangs',
    family: 'driver',
    title: 'nvidia-smi does not answer',
    severity: 'critical',
    shows: [
      /nvidia-smi.{0,60}(?:no answer within|did not answer|timed out|timeout)/i,
      /task (?<process>nvidia-smi|nv_queue|nvidia-modeset)[:/]\S{0,40} blocked for more than \d{1,6} seconds/,
    ],
    explains: ['nccl_watchdog_timeout'],
    says: plainly('The driver hangs: nvidia-smi waits for it without end.'),
    fix: advice(
      'Look for Xid 119 or 120 or 79; the processes that hang cannot be killed, so the machine needs a reboot.',
      'sudo dmesg -T | grep -iE "xid|blocked for more"; sudo reboot',
    ),
    source: nvidiaSmi,
  },
  {
    id: 'driver_gpu_locked',
    family: 'driver',
    title: 'The driver thinks that the GPU hangs',
    severity: 'error',
    shows: [/NVRM: .{0,40}RC watchdog: GPU is probably locked/],
    explains: ['driver_smi_hangs', 'nccl_watchdog_timeout'],
    says: plainly('The watchdog of the driver waits for the GPU: a kernel runs very long, or the GPU hangs.'),
    fix: advice(
      'Look for the Xid after it; reset the GPU if programs hang.',
      'sudo dmesg -T | grep -iE "nvrm|xid"',
    ),
    source: nvidiaDriver,
  },
  {
    id: 'driver_amdgpu_reset',
    family: 'driver',
    title: 'An AMD GPU hung and was reset',
    severity: 'critical',
    weight: 5,
    shows: [
      /\bamdgpu\b.{0,120}(?:\*ERROR\* ring (?<ring>\S{1,40}) timeout|GPU reset begin|VRAM is lost due to GPU reset)/,
    ],
    explains: noGpu,
    says: ({ ring }) =>
      `The amdgpu driver found the GPU hanging${withFigure(ring, (name) => ` (ring ${name.replace(/,$/, '')})`)} and reset it; programs that used it are lost.`,
    fix: advice(
      'Restart the programs; update kernel and firmware if it comes again.',
      'sudo dmesg -T | grep -i amdgpu | tail -n 50',
    ),
    source: { title: 'Linux: amdgpu driver', url: 'https://docs.kernel.org/gpu/amdgpu/index.html' },
  },
  {
    id: 'driver_fabric_manager',
    family: 'driver',
    title: 'The fabric manager does not run',
    severity: 'critical',
    weight: 5,
    shows: [
      /fabric manager (?:NVIDIA GPU driver interface version|service) .{0,80}(?:don't match|does not match|failed)/i,
      /request to query NVSwitch device information from NVSwitch driver failed/,
      /nvidia-fabricmanager\.service: (?:Failed with result|Main process exited)/,
    ],
    explains: ['cuda_system_not_ready', ...noGpu],
    says: plainly(
      'The service that connects GPUs over NVSwitch does not run; without it no CUDA program starts on them. It has to be of exactly the version of the driver.',
    ),
    fix: advice(
      'Install the version of the driver and start it.',
      'nvidia-smi --query-gpu=driver_version --format=csv; systemctl status nvidia-fabricmanager',
    ),
    source: fabricManager,
  },
  {
    id: 'driver_container_devices',
    family: 'driver',
    title: 'The container may not use the GPU',
    severity: 'critical',
    shows: [
      /nvidia-container-cli(?:\.real)?: (?<reason>(?:requirement error|device error|mount error|container error|detection error|initialization error: (?:driver|cuda|nvml) error).{1,160}?)(?:: unknown)?(?:"|$)/,
      /unresolvable CDI devices? (?<reason>\S{1,120})/,
    ],
    explains: ['k8s_container_create', ...noGpu],
    says: ({ reason }) =>
      `The container could not be given the GPU${withFigure(reason, (text) => `: ${text}`)}. An image that asks for a newer CUDA than the driver has says "unsatisfied condition".`,
    fix: advice(
      'Compare the CUDA version that the image asks for with the driver; make the list of CDI devices anew after changes.',
      'nvidia-smi; sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml',
    ),
    source: containerToolkit,
  },
  {
    id: 'driver_pcie_error',
    family: 'driver',
    title: 'Errors on the PCIe link of a device',
    severity: 'warning',
    shows: [
      /pcieport (?<port>[0-9a-f:.]{7,16}): (?:AER: )?.{0,60}Uncorrect(?:ed|able) .{0,20}(?:Fatal|Non-Fatal).{0,20} error received/,
      /PCIe Bus Error: severity=Uncorrect(?:ed|able) .{0,40}type=(?<kind>[\w ]{1,40})/,
    ],
    explains: ['xid_79', 'driver_gpu_lost', 'cuda_unknown', 'disk_io_error'],
    says: ({ port, kind }) =>
      `The link${withFigure(port, (address) => ` at ${address}`)} had an error that could not be corrected${withFigure(kind, (text) => ` (${text})`)}: seating, riser, power or the device.`,
    fix: advice(
      'See which device is behind the port; seat it anew.',
      'lspci -t; sudo lspci -vv | grep -iE "lnksta|uesta"',
    ),
    source: {
      title: 'Linux: PCI Express Advanced Error Reporting',
      url: 'https://docs.kernel.org/PCI/pcieaer-howto.html',
    },
  },
  {
    id: 'driver_throttled',
    family: 'driver',
    title: 'The GPU lowers its clocks for heat or power',
    severity: 'warning',
    shows: [
      /HW (?:Thermal |Power Brake )?Slowdown +: Active/,
      /(?:hw_thermal_slowdown|hw_power_brake_slowdown|sw_thermal_slowdown) ?[:=] ?Active/,
    ],
    says: plainly('The GPU is too hot or gets too little power, and computes slower.'),
    fix: advice(
      'Check cooling, dust, and the power cables; see the temperature and the limit.',
      'nvidia-smi -q -d TEMPERATURE,POWER,PERFORMANCE',
    ),
    source: nvidiaSmi,
  },
]
