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
  what: 'an image with the tag latest, or none',
  why: 'What runs changes with each pull: pods of one Deployment differ, and an undo brings nothing back.',
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
            tag === undefined
              ? `${image} has no tag, which means latest`
              : `${image} is another program tomorrow`,
          fix: `image: ${tag === undefined ? image : image.slice(0, -tag.length - 1)}:VERSION, or its digest: @sha256:...`,
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
  what: 'an image that no registry can have',
  why: 'The API server takes any text; the node does not: the pod stays in InvalidImageName.',
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
          reason: `${image} is no name of an image: ${scheme !== undefined ? `it begins with ${scheme}` : hasCapitals ? 'names are in small letters' : 'it is registry/name:tag, or registry/name@sha256:...'}`,
          fix: `image: ${scheme !== undefined ? image.slice(scheme.length) : hasCapitals ? image.replace(/^(.*?)(:[^/:]*)?$/, (_, name: string, tag = '') => name.toLowerCase() + tag) : 'registry.example.com/team/name:1.2.3'}`,
        }
      }
  },
}

const pullPolicy: FactualRule = {
  id: 'pull_policy',
  severity: 'advice',
  what: 'a pull policy that does not suit the image',
  why: 'Never fails on nodes without the image; Always asks the registry at each start for what cannot have changed, and starts fail while it is down.',
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
              ? 'nodes that do not have the image fail with ErrImageNeverPull'
              : 'a digest cannot change, and each start asks the registry again',
          fix: 'imagePullPolicy: IfNotPresent',
        }
      }
  },
}

export const imageRules: readonly FactualRule[] = [latestTag, invalidImage, pullPolicy]
