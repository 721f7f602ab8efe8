/** Images: which program runs, and whether it is the same tomorrow. */

import type { FactualRule } from '../rule-facts.ts'
import { textOf } from './read/values.ts'
import { workloadsOf } from './read/workload.ts'

/** `registry:5000/team/name:tag@sha256:...` */
function tagOf(image: string): { tag: string | undefined; isDigest: boolean } {
  const [name, digest] = image.split('@')
  const last = name!.slice(name!.lastIndexOf('/') + 1)
  const colon = last.indexOf(':')
  return { tag: colon === -1 ? undefined : last.slice(colon + 1), isDigest: digest !== undefined }
}

const latestTag: FactualRule = {
  id: 'latest_tag',
  severity: 'harmful',
  what: 'an image with the tag latest, or without a tag',
  why: 'The image may change with each pull: pods of one Deployment differ, and a rollback restores nothing.',
  *find(object) {
    for (const { containers, initContainers } of workloadsOf(object))
      for (const { fields, path } of new Set([...containers, ...initContainers])) {
        const image = textOf(fields.image)
        if (image === undefined || image === '' || image.includes('$')) continue
        const { tag, isDigest } = tagOf(image)
        if (isDigest || (tag !== undefined && !/^(latest|main|master|nightly|edge|dev)$/.test(tag))) continue
        yield {
          path: [...path, 'image'],
          reason:
            tag === undefined ? `${image} has no tag, which means latest` : `${image} may change at any time`,
          fix: `image: ${tag === undefined ? image : image.slice(0, -tag.length - 1)}:VERSION, or a digest: @sha256:...`,
        }
      }
  },
}

/** As the reference grammar of container images has it. */
const imageForm =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+:[a-f0-9]{32,})?$/

const invalidImage: FactualRule = {
  id: 'invalid_image',
  severity: 'harmful',
  what: 'an invalid image name',
  why: 'The API server accepts any text, but the kubelet does not: the pod stays in InvalidImageName.',
  *find(object) {
    for (const { containers, initContainers } of workloadsOf(object))
      for (const { fields, path } of new Set([...containers, ...initContainers])) {
        const image = textOf(fields.image)
        if (image === undefined || image.trim() !== image || image === '' || /[$<{]/.test(image)) continue
        if (imageForm.test(image)) continue
        const scheme = /^\w+:\/\//.exec(image)?.[0]
        const hasCapitals = /[A-Z]/.test(image.replace(/^[^/]*[.:][^/]*\/|:[^/]*$/g, ''))
        yield {
          path: [...path, 'image'],
          reason: `${image} is not a valid image name: ${scheme !== undefined ? `it starts with ${scheme}` : hasCapitals ? 'names must be lowercase' : 'use registry/name:tag or registry/name@sha256:...'}`,
          fix: `image: ${scheme !== undefined ? image.slice(scheme.length) : hasCapitals ? image.replace(/^(.*?)(:[^/:]*)?$/, (_, name: string, tag = '') => name.toLowerCase() + tag) : 'registry.example.com/team/name:1.2.3'}`,
        }
      }
  },
}

const pullPolicy: FactualRule = {
  id: 'pull_policy',
  severity: 'advice',
  what: 'a pull policy that does not fit the image',
  why: 'Never fails on nodes without the image; Always contacts the registry at each start for an immutable image, and starts fail while it is down.',
  *find(object) {
    for (const { containers, initContainers } of workloadsOf(object))
      for (const { fields, path } of new Set([...containers, ...initContainers])) {
        const policy = fields.imagePullPolicy
        const { isDigest } = tagOf(textOf(fields.image) ?? '')
        if (policy !== 'Never' && !(policy === 'Always' && isDigest)) continue
        yield {
          path: [...path, 'imagePullPolicy'],
          reason:
            policy === 'Never'
              ? 'nodes without the image fail with ErrImageNeverPull'
              : 'a digest is immutable, but each start contacts the registry again',
          fix: 'imagePullPolicy: IfNotPresent',
        }
      }
  },
}

export const imageRules: readonly FactualRule[] = [latestTag, invalidImage, pullPolicy]
