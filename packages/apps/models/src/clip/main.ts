/** The program of the process that a model with towers is served from. */

import { serveTowers } from '@hadal/engine/towers'
import { openClip } from './open-clip.ts'

serveTowers(openClip)
