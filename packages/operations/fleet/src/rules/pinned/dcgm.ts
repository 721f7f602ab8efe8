/** NVIDIA's DCGM exporter: the counters that are on by default, and the labels that it gives in Kubernetes. */

import { metricsOf, type PinnedMetrics } from './known-metric.ts'

/** `hostname` was `Hostname` before 4.0. Pod labels have the prefix `exported_` when the scrape already has such labels. */
const labels = [
  'gpu',
  'UUID',
  'pci_bus_id',
  'device',
  'modelName',
  'hostname',
  'Hostname',
  'GPU_I_PROFILE',
  'GPU_I_ID',
  'DCGM_FI_DRIVER_VERSION',
  'pod',
  'namespace',
  'container',
  'exported_pod',
  'exported_namespace',
  'exported_container',
]

/** @internal */
export const dcgmMetrics: PinnedMetrics = {
  from: 'DCGM exporter',
  source: 'github.com/NVIDIA/dcgm-exporter etc/default-counters.csv, etc/dcp-metrics-included.csv',
  version: '4.8.2',
  metrics: [
    ...metricsOf('gauge', labels, [
      'DCGM_FI_DEV_SM_CLOCK',
      'DCGM_FI_DEV_MEM_CLOCK',
      'DCGM_FI_DEV_MEMORY_TEMP',
      'DCGM_FI_DEV_GPU_TEMP',
      'DCGM_FI_DEV_POWER_USAGE',
      'DCGM_FI_DEV_GPU_UTIL',
      'DCGM_FI_DEV_MEM_COPY_UTIL',
      'DCGM_FI_DEV_ENC_UTIL',
      'DCGM_FI_DEV_DEC_UTIL',
      'DCGM_FI_DEV_XID_ERRORS',
      'DCGM_FI_DEV_FB_FREE',
      'DCGM_FI_DEV_FB_USED',
      'DCGM_FI_DEV_FB_RESERVED',
      'DCGM_FI_DEV_VGPU_LICENSE_STATUS',
      'DCGM_FI_DEV_ROW_REMAP_FAILURE',
      'DCGM_FI_PROF_GR_ENGINE_ACTIVE',
      'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE',
      'DCGM_FI_PROF_DRAM_ACTIVE',
      'DCGM_FI_PROF_PCIE_TX_BYTES',
      'DCGM_FI_PROF_PCIE_RX_BYTES',
    ]),
    ...metricsOf('counter', labels, [
      'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
      'DCGM_FI_DEV_PCIE_REPLAY_COUNTER',
      'DCGM_FI_DEV_NVLINK_BANDWIDTH_TOTAL',
      'DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS',
      'DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS',
    ]),
  ],
}
