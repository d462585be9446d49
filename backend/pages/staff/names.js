// What a component of the treatment, or another candidate cause, is called.
import { plain } from "./words.js";

const OTHERS = { care: "Care", disease: "The disease itself", other: "Something else" };

export function nameOf(component, study) {
  return OTHERS[component] || (study.components[component] ? study.components[component].name : plain(component));
}
