/** Errors of deployment planning. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const deployInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'deploy_invalid',
  status: 422,
  when: 'The config file describes a service that cannot be deployed. All errors are listed at once, those of an overlay with its name.',
  message: (issues) =>
    `${issues.length === 1 ? '1 error keeps' : `${issues.length} errors keep`} this service from being deployed\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
  help: 'Correct the config file. docs/deploy.md explains the choices; docs/config.md lists the settings of `deploy`.',
})

/** @internal */
export const deployOverlayUnknown: ErrorMaker<[name: string, known: readonly string[]]> = defineError({
  code: 'deploy_overlay_unknown',
  status: 400,
  when: 'The config file does not define the requested overlay.',
  message: (name, _known) => `there is no overlay ${JSON.stringify(name)}`,
  help: (_name, known) =>
    known.length === 0
      ? 'Define one in `deploy.overlays` of the config file.'
      : `Use one of ${known.join(', ')}.`,
  docsHelp: 'Use one of the overlays in `deploy.overlays` of the config file, or define it there.',
})
