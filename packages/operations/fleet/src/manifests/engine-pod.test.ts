import { describe, expect, it } from 'vitest'
import { gpuNode, vllm8gpu } from '../../test/deployments.ts'
import type { EnginePlan } from '../deployment/deployment.ts'
import { enginePodTemplate } from './engine-pod.ts'

// biome-ignore lint/suspicious/noExplicitAny: fields of objects are looked into.
const variablesOf = (engine: EnginePlan): Record<string, any> => {
  const template = enginePodTemplate(vllm8gpu, engine) as {
    spec: { containers: { env: { name: string }[] }[] }
  }
  return Object.fromEntries(template.spec.containers[0]!.env.map((each) => [each.name, each]))
}

describe('the pod of an engine', () => {
  it('asks SGLang whether it lives, and not for an answer that it has no time for while it is busy', () => {
    const [engine] = vllm8gpu.engines
    expect(variablesOf({ ...engine!, kind: 'sglang' }).SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION.value).toBe(
      'false',
    )
    for (const other of [engine!, gpuNode.engines[0]!])
      expect(variablesOf(other).SGLANG_ENABLE_HEALTH_ENDPOINT_GENERATION).toBeUndefined()
  })
})
