/** The main module of the process that serves a model with image and text encoders. */

import { serveTowers } from '@hadal/engine/towers'
import { openClip } from './open-clip.ts'

serveTowers(openClip)
