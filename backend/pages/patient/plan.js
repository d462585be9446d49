// What the phone knows of the study: questions, plan and contacts, fetched anew when there is a connection.
import { client, dropOld, read, write } from "./store.js";
import { addDays, dayIn } from "./steps.js";

const WEEKS = 6;

/** Fetch questions, plan and the diaries of the last weeks; what cannot be had stays as it was. */
export async function refreshPlan() {
  const device = await read("device");
  if (!device) return;
  const language = (await read("language")) || device.language;
  const today = dayIn(device.zone, new Date());
  const since = addDays(today, -7 * WEEKS);
  const [instrument, study, plan, diaries, own] = await Promise.all([
    client.get(`/instruments/diary?language=${language}`),
    client.get("/study"),
    client.get(`/subjects/${device.subject_id}/diary-plan?since=${since}&until=${today}`),
    client.all(`/subjects/${device.subject_id}/diaries`, 100),
    client.get("/device"),
  ]);
  await write("instrument", instrument);
  await write("study", study);
  await write("plan", plan);
  await write("diaries", diaries);
  await write("own", own);
  await dropOld(Date.now());
}

/** Give the site of the phone's subject: whom to call. */
export function siteOf(study, device) {
  return (study && study.sites[device.subject_id.split("-")[0]]) || {};
}
