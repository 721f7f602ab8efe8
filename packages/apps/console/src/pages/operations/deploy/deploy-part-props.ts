import type { DeployAnswer } from '@hadal/protocol'

export interface DeployPartProps {
  readonly deployment: DeployAnswer
}
