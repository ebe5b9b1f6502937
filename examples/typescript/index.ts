import * as lifecycle from "@pulumi/lifecycle";

const web = new lifecycle.LifecycleDemo("web", {
    image: "ghcr.io/acme/web:1.4",
    ports: [{ name: "http", containerPort: 8080 }],
    preStop: { sleep: { seconds: 10 } },
    podSpec: { nodeSelector: { "kubernetes.io/arch": "amd64" } },
});

export const verifyCommand = web.verifyCommand;
