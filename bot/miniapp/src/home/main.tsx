/** `/`: what this is, and the way in. `/s/{uuid}`: what is public of a session. Elsewhere: lost. */

import { render } from "preact";
import "../shared/base.css";
import "../shared/results.css";
import "./home.css";
import { chooseLanguage, words } from "../shared/words.ts";
import { Home } from "./Home.tsx";
import { RecordPage } from "./RecordPage.tsx";

const page = document.getElementById("page") as HTMLElement;
const [, place, uuid] = location.pathname.split("/");

await chooseLanguage(new URLSearchParams(location.search).get("lang"), navigator.languages);
document.title = words("home.title");
page.replaceChildren();
render(place === "s" ? <RecordPage uuid={uuid ?? ""} /> : <Home lost={location.pathname !== "/"} />, page);
