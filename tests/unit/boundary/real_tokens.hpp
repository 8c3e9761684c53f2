#pragma once
// Two authorization tokens that a real controller of the 0.21 line issued. Their sessions expired
// in November 2026.

#include <string_view>

namespace agent::boundary::test {

/// For a target with host sources: host id set, endpoint a name.
inline constexpr std::string_view token_with_host =
    "3HcdsKLM86QMc9hTqs5RJdqQMiqU7LeexqGAAZp43XsYymvL4XWjaaAXM8JVtvDEZ2NnBp4WveBpzkqqGwotFmN1s48ojs"
    "Tj"
    "NZ4GueKgojLviQMQYimYZ5XXYiCmvGZskQVYnGkjg3Q1mRj4A2CycMLcAwoLuWucR1TdwwRe2SxFFPyxRo2rqHJyKGUaJL"
    "WH"
    "hTy9D9MDhJSizQZToiBtNKcgXVDyK1TDFJypRShQPWgo3jsZHNh6Lap21Yey5JSr8Xv4Dgf7N4xJUmR3ez3EiE8vcNZ15R"
    "Vy"
    "vASnX2dKoFmUioo1NKBfrCfCPP2GxrBqaE9HtgUtrqq43eYrJoxf9dYhqFG5wDdbCiPFJ4zj5GAJ4jvSRSFHjGCKQb1dtn"
    "Ub"
    "Wjq5SdMQd9n9r7gnx6DpuVKMA7ZiCC2WnFPXhQrRnFxhEDapx3L8rH9TpgDDnVbjnRRMxecRsRjK8fSkjJ8SX4UzGLZKmV"
    "kn"
    "DTZgpWnynQYo6TxiAP6hkvw7eUkbcXEt3aUcm3cQiYt4PsuZ2Z1doHtxqm5rCvR3BpdBVHjcmoV8GWSguGU6Ydu59xxDD4"
    "E7"
    "ntwv2oFM5Lb27E4TZTJm6SdkLxYCs6t9jeTXK7FkYMXR7VUEuCcNfSjYx4yrDnN6nRGk29GPVoQpgGc8LX339ej5GYDUPB"
    "GF"
    "ViF19SgTAGJvn81uWf2Es9p6rZsEpmwtyYGvbSxwtD1SPqXNvXRhCF6u41hkqU7aARTQcmXymChrcyj9tPRp2zAqj6TVMG"
    "JS"
    "2f7EL4GWRnNGV36BnnscGymEQMm17MJE5x7eSgyZgCyqgdxzisxRxz5uEE6P3XmJipNgAhvmMtai6k2AFmuvx8CCTaAsa2"
    "x2"
    "mBwzbsi7BWy2GZPF";

/// By alias, for a target with a direct address: no host id.
inline constexpr std::string_view token_by_alias =
    "eBdRKnxDSz7ZR9mFqr1JYWMkZpVUBwVeb6YaGeTiMW4dqzaki2E5i8FC4rkgTK2KzkVCV4YaKpHbuHRYYYT7NmZYbZeLrV"
    "3z"
    "bsAXbVzdk6eBiYGxjMyVrFM2ALDsqYcyg5u7rcmiMMpLwoLcrbYpYApbj5yA1Cvc6dczKuup1RzVFbP7frNVXwYMpD9BB2"
    "mK"
    "dnC9CZTGD7RKrdjGWH6qvhUUaJ3jnmaNTLZzHfnHBfiUDzYwgF2aH6YNyfd2NZqU81YXGm6coibppSRb2rBGpK1QG5Mix4"
    "YB"
    "mChpxTCiozPYi92wUVNMy2tRYTw5F9gEpmBpmzz2Nn89ZJLeavSboNQBMKdtWi6V7qcpCYbeeJgrPBVX8yPwmfrswt9rTD"
    "g3"
    "Z5JoGw4PRwwTJJY8uaZvaGCgc1Accw4MnkZjsPQVxgs56bkRtPGmD3QCAsMgWpz8fEiUQ3iPVDoUUEDReqPqQ448JEhLRv"
    "1i"
    "stLMb8Q8Vt5kH9sBbaXNkE7dsbw5xBHmfhpNSoKnhGQG1hgSPXqEvCS9sXLM1FTgjuH2k2ZEFTfCfGvzkVcg2ovFP4JXh5"
    "Y5"
    "ERhs8nwMUYRE4Gck7JJgAJA3XYVPkgR4c4nTP7Qf2NoxdqSZntRCdHA32EbLNv2m1a8hxRkFzgWRLPjHTzsQ8QbUXDag8w"
    "LY"
    "CPtYNEJuuFeJP9pfcyUBSpQvgVS3uPb4RJZSYPMGn83emyoMhj9yBCuojoDhpboLeVvTmitLEfARdwA3gfSxpWvDLgWxvH"
    "mR"
    "gAt38SghDVfmPTYK2hAo5Q31iH1qGwoVbw6jN3YJi8n81ivoG1HdGcgxAjNvUkthJePtngXSLHvL6NhUyoM3";

} // namespace agent::boundary::test
