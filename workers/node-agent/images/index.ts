// Every simulated image, in the order in which they are asked whether a repository is theirs; the generic one takes the rest.
import type { SimImage } from "../../../shared/sim/image.ts";
import { agnhost } from "./agnhost.ts";
import { alpine } from "./alpine.ts";
import { busybox } from "./busybox.ts";
import { curl } from "./curl.ts";
import { debian } from "./debian.ts";
import { generic } from "./generic.ts";
import { httpd } from "./httpd.ts";
import { mongo } from "./mongo.ts";
import { mysql } from "./mysql.ts";
import { nginx } from "./nginx.ts";
import { pause } from "./pause.ts";
import { perl } from "./perl.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import { ubuntu } from "./ubuntu.ts";

export const IMAGES: readonly SimImage[] = [nginx, httpd, busybox, alpine, debian, ubuntu, curl, pause, redis, postgres, mysql, mongo, perl, agnhost, generic];
