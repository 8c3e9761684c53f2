#pragma once
// What each kind brings to the table in collections.cpp; one file per kind defines them.

#include "devserver/api/call.hpp"

namespace devserver {

// scopes.cpp
Json scope_fields(Call& call, const Resource& resource, bool detail);
void accept_scope(Call& call, Resource& resource, bool creating, FieldErrors& errors);
void write_scope(Call& call, const Resource& resource);
Reply storage_policy(Call& call, const Resource& scope);
Reply alias_suffix(Call& call, const Resource& scope);
// scope_keys.cpp
Reply list_scope_keys(Call& call, const Resource& scope);
Reply rotate_scope_keys(Call& call);
Reply list_key_destruction_jobs(Call& call, const Resource& scope);
Reply destroy_scope_key_version(Call& call);
// auth_methods.cpp, authenticate.cpp, auth_tokens.cpp
Json auth_method_fields(Call& call, const Resource& resource, bool detail);
void accept_auth_method(Call& call, Resource& resource, bool creating, FieldErrors& errors);
void write_auth_method(Call& call, const Resource& resource);
Reply change_state(Call& call, const Resource& auth_method);
Json managed_group_fields(Call& call, const Resource& resource, bool detail);
void accept_managed_group(Call& call, Resource& resource, bool creating, FieldErrors& errors);
Reply authenticate(Call& call, const Resource& auth_method);
Json auth_token_fields(Call& call, const Resource& resource, bool detail);
// accounts.cpp, users.cpp
Json account_fields(Call& call, const Resource& resource, bool detail);
void accept_account(Call& call, Resource& resource, bool creating, FieldErrors& errors);
Refusal refuse_account(Call& call, const Resource& resource);
void write_account(Call& call, const Resource& resource);
Reply set_password(Call& call, const Resource& account);
Reply change_password(Call& call, const Resource& account);
Json user_fields(Call& call, const Resource& resource, bool detail);
/// Where name and description are all there is.
void accept_nothing_more(Call& call, Resource& resource, bool creating, FieldErrors& errors);
// groups.cpp, roles.cpp
Json group_fields(Call& call, const Resource& resource, bool detail);
Json role_fields(Call& call, const Resource& resource, bool detail);
void accept_role(Call& call, Resource& resource, bool creating, FieldErrors& errors);
Reply add_grants(Call& call, const Resource& role);
Reply set_grants(Call& call, const Resource& role);
Reply remove_grants(Call& call, const Resource& role);
Reply add_grant_scopes(Call& call, const Resource& role);
Reply set_grant_scopes(Call& call, const Resource& role);
Reply remove_grant_scopes(Call& call, const Resource& role);
// workers.cpp, worker_tags.cpp, worker_authority.cpp
Json worker_fields(Call& call, const Resource& resource, bool detail);
void accept_worker(Call& call, Resource& resource, bool creating, FieldErrors& errors);
Reply create_controller_led(Call& call);
Reply create_worker_led(Call& call);
Reply add_worker_tags(Call& call, const Resource& worker);
Reply set_worker_tags(Call& call, const Resource& worker);
Reply remove_worker_tags(Call& call, const Resource& worker);
Reply read_certificate_authority(Call& call);
Reply reinitialize_certificate_authority(Call& call);
// aliases.cpp
Json alias_fields(Call& call, const Resource& resource, bool detail);
void accept_alias(Call& call, Resource& resource, bool creating, FieldErrors& errors);
Reply list_resolvable_aliases(Call& call, const Resource& user);
// hosts.cpp
void accept_static(Call& call, Resource& resource, bool creating, FieldErrors& errors);
Json host_catalog_fields(Call& call, const Resource& resource, bool detail);
Json host_set_fields(Call& call, const Resource& resource, bool detail);
Json host_fields(Call& call, const Resource& resource, bool detail);
void accept_host(Call& call, Resource& resource, bool creating, FieldErrors& errors);
// targets.cpp, authorize_session.cpp
Json target_fields(Call& call, const Resource& resource, bool detail);
void accept_target(Call& call, Resource& resource, bool creating, FieldErrors& errors);
void write_target(Call& call, const Resource& resource);
Reply authorize_session(Call& call);
// sessions.cpp
Json session_fields(Call& call, const Resource& resource, bool detail);
Reply cancel_session(Call& call, const Resource& session);
// credential_stores.cpp
Json credential_store_fields(Call& call, const Resource& resource, bool detail);
Json credential_fields(Call& call, const Resource& resource, bool detail);
void accept_credential(Call& call, Resource& resource, bool creating, FieldErrors& errors);
void write_credential(Call& call, const Resource& resource);

// actions.cpp: what adds, sets and removes relations
Reply add_accounts(Call& call, const Resource& user);
Reply set_accounts(Call& call, const Resource& user);
Reply remove_accounts(Call& call, const Resource& user);
Reply add_members(Call& call, const Resource& group);
Reply set_members(Call& call, const Resource& group);
Reply remove_members(Call& call, const Resource& group);
Reply add_principals(Call& call, const Resource& role);
Reply set_principals(Call& call, const Resource& role);
Reply remove_principals(Call& call, const Resource& role);
Reply add_hosts(Call& call, const Resource& set);
Reply set_hosts(Call& call, const Resource& set);
Reply remove_hosts(Call& call, const Resource& set);
Reply add_host_sources(Call& call, const Resource& target);
Reply set_host_sources(Call& call, const Resource& target);
Reply remove_host_sources(Call& call, const Resource& target);
Reply add_credential_sources(Call& call, const Resource& target);
Reply set_credential_sources(Call& call, const Resource& target);
Reply remove_credential_sources(Call& call, const Resource& target);

} // namespace devserver
