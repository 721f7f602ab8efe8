import { describe, expect, it } from 'vitest'
import { cudaIssues } from './cuda-issues.ts'

const kernel = `__global__ void add(const float* a) {}
// cudaDeviceSynchronize() would wait
cudaError_t start(const float* a, cudaStream_t stream) {
  add<<<dim3(1, 2), 256, 0, stream>>>(a);
  return cudaGetLastError();
}
`
const launcher = 'C10_CUDA_CHECK(start(a, at::cuda::getCurrentCUDAStream()));\n'
const issues = (ofKernel: string, ofLauncher = launcher): string[] =>
  cudaIssues(
    { text: ofKernel, label: 'k.cu', folder: undefined },
    { text: ofLauncher, label: 'l.cc', folder: undefined },
  )

describe('CUDA sources', () => {
  it('that start on a stream and look are fine', () => {
    expect(issues(kernel)).toEqual([])
  })

  it('that wait for the device are refused with the line', () => {
    expect(issues(kernel.replace('  return', '  cudaDeviceSynchronize();\n  return'))).toEqual([
      'k.cu:5: cudaDeviceSynchronize makes every call wait for the device',
    ])
    expect(issues(kernel, `${launcher}cudaStreamSynchronize(stream);`)).toEqual([
      'l.cc:2: cudaStreamSynchronize makes every call wait for the device',
    ])
  })

  it('that start without a stream, or do not look, are refused', () => {
    expect(issues(kernel.replace(', 0, stream', ''))).toEqual(['k.cu:4: a kernel starts without a stream'])
    expect(issues(kernel.replace('cudaGetLastError()', 'cudaSuccess'))).toEqual([
      'k.cu:4: nobody looks whether the kernel started (cudaGetLastError)',
    ])
    const twice = kernel.replace('  add<<<', '  add<<<1, 1, 0, stream>>>(a);\n  add<<<')
    expect(issues(twice)).toEqual(['k.cu:4: nobody looks whether the kernel started (cudaGetLastError)'])
    expect(issues(kernel, 'start(a, 0);')).toEqual([
      'l.cc: it does not ask for the current stream (at::cuda::getCurrentCUDAStream())',
      'l.cc: it does not look whether the kernel started (C10_CUDA_CHECK)',
    ])
  })
})
