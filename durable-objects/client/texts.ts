// Between an object's stored text and its whole JSON: the stored form leaves kind and apiVersion out.
export { wholeText } from "../store/watch-frames.ts";
