/** Lints manifests and describes the rules involved. Needs no cluster. */

import { type RenderedFile, readManifests } from '@hadal/fleet'
import { harmCatalogue, lintManifests, rejectionCatalogue } from '@hadal/manifest-lint'
import type { LintAnswer } from '@hadal/protocol'

/** A file with more is broken in one way many times. */
const maxFindings = 500

export function lintAnswer(files: readonly RenderedFile[]): LintAnswer {
  const about = new Map([...rejectionCatalogue, ...harmCatalogue].map(({ id, why }) => [id, why]))
  const findings = lintManifests(files).slice(0, maxFindings)
  return {
    files: files.length,
    objects: readManifests(files).objects.length,
    findings: findings.map((finding) => {
      const why = about.get(finding.rule)
      return { ...finding, ...(why !== undefined && { about: why }) }
    }),
  }
}
