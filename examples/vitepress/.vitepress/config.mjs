export default {
  title: "Dockerfiles",
  // Any path works, as long as the script is there.
  head: [["script", { src: "/stagecraft/upgrade.js", defer: "" }]],
};
