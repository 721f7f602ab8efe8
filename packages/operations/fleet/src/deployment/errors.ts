/** Errors of deployment planning. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const deployInvalid: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'deploy_invalid',
  status: 422,
  when: 'The config file describes a service that cannot be deployed. All errors are listed at once, those of an overlay with its name.',
  message: (faults) =>
    `${faults.length === 1 ? '1 thing keeps' : `${faults.length} things keep`} this service from being deployed\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  help: 'docs/deploy.md says what each choice is made from; docs/config.md lists the parts of `deploy`.',
})

/** @internal */
export const deployOverlayUnknown: ErrorMaker<[name: string, known: readonly string[]]> = defineError({
  code: 'deploy_overlay_unknown',
  status: 400,
  when: 'The config file does not define the requested overlay.',
  message: (name, _known) => `there is no overlay ${JSON.stringify(name)}`,
  help: (_name, known) =>
    known.length === 0
      ? 'The config file has none: `deploy.overlays` names them.'
      : `There are ${known.join(', ')}.`,
  docsHelp: 'Use one of the overlays in `deploy.overlays` of the config file, or define it there.',
})
