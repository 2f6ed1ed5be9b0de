/** Found by Artillery through NODE_PATH, which must name the folder above. */
export { CutoverEngine as default } from "../artillery.ts";
