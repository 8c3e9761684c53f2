#pragma once
// What each kind brings to the table in collections.cpp; one file per kind defines them.

#include "devserver/api/call.hpp"

namespace devserver {

// scopes.cpp
Json scope_fields(Call& call, const Resource& resource, bool detail);
void accept_scope(Call& call, Resource& resource, bool creating, FieldErrors& errors);
// auth_methods.cpp, auth_tokens.cpp
Json auth_method_fields(Call& call, const Resource& resource, bool detail);
Reply authenticate(Call& call, const Resource& auth_method);
Json auth_token_fields(Call& call, const Resource& resource, bool detail);
// users.cpp
Json account_fields(Call& call, const Resource& resource, bool detail);
void accept_account(Call& call, Resource& resource, bool creating, FieldErrors& errors);
void write_account(Call& call, const Resource& resource);
Reply set_password(Call& call, const Resource& account);
Reply change_password(Call& call, const Resource& account);
Json user_fields(Call& call, const Resource& resource, bool detail);
void accept_user(Call& call, Resource& resource, bool creating, FieldErrors& errors);
Json group_fields(Call& call, const Resource& resource, bool detail);
Json role_fields(Call& call, const Resource& resource, bool detail);
// workers.cpp
Json worker_fields(Call& call, const Resource& resource, bool detail);
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
