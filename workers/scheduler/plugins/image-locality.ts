// ImageLocality: prefers nodes that already have the pod's large images (upstream: plugins/imagelocality).
import { defineSchedulerPlugin, MAX_NODE_SCORE } from "../../../shared/scheduling/framework.ts";

const MiB = 1024 * 1024;
const SUM_MIN = 23 * MiB;
const SUM_MAX_PER_CONTAINER = 1000 * MiB;

/** Without a tag it is the latest. */
const tagged = (image: string): string => (image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image);

/** Image to the share of nodes that have it: an image that is on one node only must not draw all pods there. */
type Shares = ReadonlyMap<string, number>;

export const imageLocality = defineSchedulerPlugin<{ readonly images: readonly string[]; readonly shares: Shares }>({
  name: "ImageLocality",
  weight: 1,
  scope: "node",
  prepare(shape, cluster) {
    const images = (shape.images ?? []).map(tagged);
    const shares = new Map(images.map((image) => [image, cluster.imageNodes(image) / cluster.nodes.length]));
    return images.some((image) => (shares.get(image) ?? 0) > 0) ? { is: "ready", state: { images, shares } } : { is: "skip" };
  },
  score({ images, shares }, shape, node) {
    let sum = 0;
    for (const image of images) {
      const size = node.images[image];
      if (size !== undefined) sum += Math.trunc(size * (shares.get(image) ?? 0));
    }
    const max = SUM_MAX_PER_CONTAINER * shape.containers;
    const bounded = Math.min(Math.max(sum, SUM_MIN), max);
    return Math.trunc((MAX_NODE_SCORE * (bounded - SUM_MIN)) / (max - SUM_MIN));
  },
});
