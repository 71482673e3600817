// biome-ignore-all lint: browsers of any age read this file as it stands.
/**
 * Before the page itself: tells the reader of a browser that is too old so at once. Classic script,
 * no syntax newer than 2009; what is asked for came with build.target in vite.config.ts.
 */
(function () {
  var able =
    "noModule" in document.createElement("script") &&
    typeof BigInt === "function" &&
    typeof Object.hasOwn === "function" &&
    typeof Array.prototype.at === "function" &&
    typeof Promise.any === "function";
  if (able) return;
  document.documentElement.setAttribute("data-old", "");
  document.getElementById("opening").style.display = "none";
  document.getElementById("old").style.display = "block";
})();
