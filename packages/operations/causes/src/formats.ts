/** Formats for template values: `{bytes|bytes}`. A format that returns an empty text makes the value absent. */

import { formatBytes } from '@hadal/base'
import type { Figures } from '@hadal/doctor'

export const formats: Readonly<Record<string, (figure: string, figures: Figures) => string>> = {
  bytes: (count) => formatBytes(Number(count)),
  kilobytes: (count) => formatBytes(Number(count) * 1_024),
  /** Milliseconds. */
  seconds: (millis) => String(Math.round(Number(millis) / 1_000)),
  trimmed: (text) => text.trim(),
  no_comma: (text) => text.replace(/,$/, ''),
  no_full_stop: (text) => text.replace(/\.$/, ''),
  no_end_mark: (text) => text.replace(/[.:]$/, ''),
  /** A path. */
  file_name: (path) => path.split('/').at(-1) ?? path,
  folder: (path) => (path.replace(/\/[^/]*$/, '') || '/').trimEnd(),
  /** Not what a driver prints for a process that it cannot name. */
  known: (text) => (text.includes('unknown') ? '' : text),
  /** `0000:9b:00` as nvidia-smi takes it: with the function. */
  bus_id: (gpu) => (gpu.includes('.') ? gpu : `${gpu}.0`),
  /** `12040` is 12.4. */
  cuda_version: (found) =>
    /^\d{4,6}$/.test(found)
      ? `${Math.floor(Number(found) / 1000)}.${Math.floor((Number(found) % 1000) / 10)}`
      : found,
  /** `free` as a share of the total, minus 2 % for other memory needs. */
  free_share(total, { free }) {
    const share = Math.floor((Number(free) / Number(total)) * 100 - 2) / 100
    return share > 0 && share < 1 ? String(share) : ''
  },
  /** A learning rate. */
  half: (rate) => (Number(rate) > 0 ? String(Number((Number(rate) / 2).toPrecision(3))) : ''),
  /** The package of PyTorch that a symbol belongs to. */
  package_of(symbol) {
    if (/^torchvision::/.test(symbol)) return 'torchvision'
    return /c10|torch/.test(symbol) ? 'libtorch' : ''
  },
  /** A version of a C or C++ library. */
  language_of: (version) => (/^(?:GLIBCXX|CXXABI)/.test(version) ? 'cpp' : 'c'),
  /** CUDA's own libraries, by name. */
  toolkit_of: (library) => (/cudart|cublas|cudnn|nvrtc/.test(library) ? 'cuda' : ''),
  /** By the first bytes of a file that is not GGUF. */
  file_kind(magic) {
    if (/^ver/i.test(magic)) return 'pointer'
    if (/^</.test(magic)) return 'page'
    if (/^(?:ggjt|ggml|ggmf|tjgg|lmgg|fmgg)/i.test(magic)) return 'ggml'
    return /^PK/.test(magic) ? 'archive' : 'other'
  },
}
